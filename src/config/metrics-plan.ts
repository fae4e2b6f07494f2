import { TIMER_MS_MAX } from '../core/waiting.js';
import { readText } from '../options/parse.js';
import { collectorUrl, type ReadValue, ValueError, whole } from '../options/values.js';
import type { MetricsPlan, OtlpPlan } from '../output/live/plan.js';
import type { RunValues } from './run-options.js';

const INTERVAL_MS = 10_000;
const INTERVAL_MIN_MS = 100;
const TIMEOUT_MS = 10_000;
/** The path that OTLP adds to the URL of a collector. */
const PATH = 'v1/metrics';

/**
 * What a run does with its metrics; undefined: nothing.
 *
 * @throws KloadError `usage` for a variable of OpenTelemetry that the run needs and cannot read
 */
export function metricsOf(values: RunValues, environment: NodeJS.ProcessEnv): MetricsPlan | undefined {
  const { metricsListen, metricsLinger: lingerMs, otlpEndpoint } = values;
  const env = new OtelEnvironment(environment);
  const { endpoint, warning } = collectorOf(otlpEndpoint, env);
  if (metricsListen === undefined && endpoint === undefined && warning === undefined) return undefined;
  return {
    listen: metricsListen && { ...metricsListen, lingerMs },
    otlp: endpoint === undefined ? undefined : otlpPlanOf(endpoint, env),
    resource: resourceOf(env),
    warning,
  };
}

interface Collector {
  readonly endpoint?: string;
  readonly warning?: string;
}

/** The flag wins over all variables. */
function collectorOf(given: string | undefined, env: OtelEnvironment): Collector {
  if (given !== undefined) return { endpoint: withPath(given) };
  if (env.text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || env.text('OTEL_METRICS_EXPORTER') === 'none')
    return {};
  const from = env.nameOf('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT');
  if (from === undefined) return {};
  const by = env.nameOf('OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL');
  const protocol = by === undefined ? 'http/json' : env.text(by);
  if (protocol !== 'http/json') {
    return {
      warning:
        `no metrics are exported: kload speaks only http/json, and ${by} is ${protocol}; ` +
        'to export them, pass --otlp-endpoint http://HOST:4318 (the port for OTLP over HTTP)',
    };
  }
  const endpoint = readText(collectorUrl, from, env.text(from) ?? '');
  return { endpoint: from === 'OTEL_EXPORTER_OTLP_ENDPOINT' ? withPath(endpoint) : endpoint };
}

function withPath(text: string): string {
  const url = new URL(text);
  if (!url.pathname.endsWith(`/${PATH}`)) url.pathname = `${url.pathname.replace(/\/$/, '')}/${PATH}`;
  return url.href;
}

function otlpPlanOf(url: string, env: OtelEnvironment): OtlpPlan {
  const ms = whole(1, TIMER_MS_MAX);
  const headers = [
    ...env.pairs('OTEL_EXPORTER_OTLP_HEADERS', checkHeader),
    ...env.pairs('OTEL_EXPORTER_OTLP_METRICS_HEADERS', checkHeader),
  ];
  return {
    url,
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    timeoutMs:
      env.read('OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', ms) ?? env.read('OTEL_EXPORTER_OTLP_TIMEOUT', ms) ?? TIMEOUT_MS,
    intervalMs: env.read('OTEL_METRIC_EXPORT_INTERVAL', whole(INTERVAL_MIN_MS, TIMER_MS_MAX)) ?? INTERVAL_MS,
  };
}

function resourceOf(env: OtelEnvironment): Record<string, string> {
  const name = env.text('OTEL_SERVICE_NAME');
  return {
    ...Object.fromEntries(env.pairs('OTEL_RESOURCE_ATTRIBUTES')),
    ...(name !== undefined && { 'service.name': name }),
  };
}

/** Headers that kload sets itself, or that would change what the body is. */
const OWN_HEADERS = /^(content-.*|transfer-encoding|connection|host|expect|upgrade|trailer|te)$/i;

function checkHeader(name: string, value: string): void {
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw new ValueError(`has a header with a malformed name: '${name}'`);
  if (OWN_HEADERS.test(name)) throw new ValueError(`cannot set the header ${name}`);
  // The value may be a secret.
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) throw new ValueError(`has a malformed value for the header ${name}`);
}

/** The variables that OpenTelemetry names. An empty one counts as not set. */
class OtelEnvironment {
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  text(name: string): string | undefined {
    return this.#env[name]?.trim() || undefined;
  }

  /** The first of the variables that is set. */
  nameOf(...names: readonly string[]): string | undefined {
    return names.find((name) => this.text(name) !== undefined);
  }

  read<T>(name: string, read: ReadValue<T>): T | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : readText(read, name, text);
  }

  /** A list such as `key=value,other=value`, with values that are percent-encoded. Refuses what `check` throws for. */
  pairs(name: string, check: (key: string, value: string) => void = () => {}): [string, string][] {
    const pairs = this.read(name, (text) => {
      const pairs = pairsIn(text);
      for (const pair of pairs) check(...pair);
      return pairs;
    });
    return pairs ?? [];
  }
}

function pairsIn(text: string): [string, string][] {
  return text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part, i) => {
      const at = part.indexOf('=');
      const [key, value] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
      // A pair may hold a secret, so the message says only where it is.
      const problem = new ValueError(`takes key=value,key=value with percent-encoded values; pair ${i + 1} is not one`);
      if (at < 1 || key === '') throw problem;
      try {
        return [decodeURIComponent(key), decodeURIComponent(value)];
      } catch {
        throw problem;
      }
    });
}
