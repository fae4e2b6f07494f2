import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KloadError, messageOf } from '../../core/errors.js';
import type { MetricsListen } from './plan.js';
import { CONTENT_TYPES, type TextFormat } from './prometheus.js';

const PATH = '/metrics';
/** Several Prometheus servers and a person with curl. */
const CONNECTIONS_MAX = 32;
/** For the head of a request, and for a connection on which nothing moves. */
const TIMEOUT_MS = 10_000;

/** Serves the metrics of a run to Prometheus. */
export class MetricsServer {
  readonly #server: Server;
  #text: ((format: TextFormat) => string) | undefined;

  private constructor() {
    const limits = { headersTimeout: TIMEOUT_MS, requestTimeout: TIMEOUT_MS, maxHeaderSize: 16 * 1024 };
    this.#server = createServer(limits, (request, response) => this.#serve(request, response));
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.setTimeout(TIMEOUT_MS, (socket) => socket.destroy());
  }

  /** @throws KloadError `usage` for an address that it cannot have */
  static async listen({ host, port }: MetricsListen): Promise<MetricsServer> {
    const metrics = new MetricsServer();
    const server = metrics.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listenError(error, host, port)));
      server.listen(port, host, resolve);
    });
    return metrics;
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `http://${address.includes(':') ? `[${address}]` : address}:${port}${PATH}`;
  }

  /** Serves what `text` returns from now on. */
  show(text: (format: TextFormat) => string): void {
    this.#text = text;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    // A body has no meaning here, and is not waited for.
    request.resume();
    const { status, text, headers } = this.#reply(request);
    response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    });
    response.end(request.method === 'HEAD' ? undefined : text);
  }

  #reply({ method, url = '', headers: { accept } }: IncomingMessage): Reply {
    if (url.split('?', 1)[0] !== PATH) return { status: 404, text: `not found: the metrics are at ${PATH}\n` };
    if (method !== 'GET' && method !== 'HEAD') {
      return { status: 405, text: 'only GET and HEAD\n', headers: { allow: 'GET, HEAD' } };
    }
    if (this.#text === undefined) return { status: 503, text: 'the run has not begun\n' };
    const format: TextFormat = prefersOpenMetrics(accept) ? 'openmetrics' : 'prometheus';
    const headers = { 'content-type': CONTENT_TYPES[format], vary: 'accept' };
    return { status: 200, text: this.#text(format), headers };
  }
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Whether a client that says what it accepts rates OpenMetrics 1.0 at least as high as plain text. */
export function prefersOpenMetrics(accept: string | undefined): boolean {
  let open = 0;
  let plain = 0;
  for (const range of (accept ?? '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const value = (name: string) => parameters.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
    const q = Number(value('q') ?? 1);
    if (type === 'application/openmetrics-text' && (value('version') ?? '1.0.0') === '1.0.0') open = Math.max(open, q);
    else if (type === 'text/plain') plain = Math.max(plain, q);
  }
  return open > 0 && open >= plain;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): KloadError {
  const at = `--metrics-listen ${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (error.code === 'EADDRINUSE') {
    return new KloadError('usage', `${at}: the port is already in use`, 'name another port, or port 0 for a free one');
  }
  const hint = 'the host must be an address of this machine, and you must be allowed to use the port';
  return new KloadError('usage', `${at}: ${messageOf(error)}`, hint);
}
