import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a collector of OpenTelemetry gets it. */
export interface Export {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: OtlpBody;
}

export interface OtlpBody {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  }[];
}

export interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}

export interface OtlpMetric {
  readonly name: string;
  readonly unit: string;
  readonly sum?: { readonly dataPoints: readonly OtlpNumber[]; readonly isMonotonic: boolean };
  readonly gauge?: { readonly dataPoints: readonly OtlpNumber[] };
  readonly exponentialHistogram?: { readonly dataPoints: readonly OtlpExponential[] };
}

interface OtlpNumber {
  readonly attributes?: readonly OtlpAttribute[];
  readonly asInt?: string;
  readonly asDouble?: number;
}

export interface OtlpExponential {
  readonly count: string;
  readonly sum: number;
  readonly scale: number;
  readonly positive?: { readonly offset: number; readonly bucketCounts: readonly string[] };
}

/** A collector on this machine. */
export interface Collector {
  readonly url: string;
  readonly exports: readonly Export[];
  /** Requests that are open, now and at most. */
  readonly open: { now: number; max: number };
  /** Resolves when that many exports have come. */
  got(count: number): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param respond what it does with each request, which was read to its end */
export async function startCollector(
  respond: (response: ServerResponse, index: number) => void = (response) => response.end('{}'),
): Promise<Collector> {
  const exports: Export[] = [];
  const open = { now: 0, max: 0 };
  const server: Server = createServer((request, response) => {
    open.now++;
    open.max = Math.max(open.max, open.now);
    response.on('close', () => open.now--);
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      exports.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) as OtlpBody });
      respond(response, exports.length - 1);
      server.emit('export');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exports,
    open,
    async got(count) {
      while (exports.length < count) await once(server, 'export');
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The metrics of an export, by name. */
export function metricsIn({ body }: Export): Map<string, OtlpMetric> {
  const all = body.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
  return new Map(all.map((metric) => [metric.name, metric]));
}

/** The sum over all points of a counter, or of a number that goes up and down. */
export function sumOf(metrics: ReadonlyMap<string, OtlpMetric>, name: string): number {
  const points = metrics.get(name)?.sum?.dataPoints ?? [];
  return points.reduce((sum, { asInt, asDouble }) => sum + Number(asInt ?? asDouble), 0);
}
