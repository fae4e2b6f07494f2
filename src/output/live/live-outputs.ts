import { randomUUID } from 'node:crypto';
import type { MetricsReport, Report } from '../../core/report.js';
import { formatDuration, formatLatency } from '../../core/units.js';
import { version } from '../../system/version.js';
import { targetKind } from '../../target/kinds.js';
import type { RunFigures } from './figures.js';
import { MetricsServer } from './metrics-server.js';
import { otlpBody } from './otlp.js';
import { OtlpExporter } from './otlp-exporter.js';
import type { MetricsPlan } from './plan.js';
import { prometheusText } from './prometheus.js';

/** Called with lines for the user. */
export type Notify = (text: string, kind: 'warning' | 'note') => void;

/** Shows the metrics of a run while it lasts: serves them to Prometheus, and sends them to a collector. */
export class LiveOutputs {
  readonly #plan: MetricsPlan;
  readonly #notify: Notify;
  readonly #server: MetricsServer | undefined;
  #exporter: OtlpExporter | undefined;
  readonly #stopped = new AbortController();

  private constructor(plan: MetricsPlan, notify: Notify, server: MetricsServer | undefined) {
    this.#plan = plan;
    this.#notify = notify;
    this.#server = server;
  }

  /** @throws KloadError `usage` for an address on which it cannot listen */
  static async open(plan: MetricsPlan, notify: Notify): Promise<LiveOutputs> {
    const { listen, warning } = plan;
    if (warning !== undefined) notify(warning, 'warning');
    const server = listen && (await MetricsServer.listen(listen));
    return new LiveOutputs(plan, notify, server);
  }

  /** Begins to show a run. @param figures the run as it is now */
  begin(figures: () => RunFigures): void {
    const { otlp, resource: given } = this.#plan;
    const resource = { ...resourceOf(figures()), ...given };
    this.#server?.show((format) => prometheusText(figures(), resource, format));
    if (this.#server !== undefined) this.#notify(`metrics at ${this.#server.url}`, 'note');
    if (otlp === undefined) return;
    const body = () => otlpBody(figures(), resource, new Date());
    this.#exporter = new OtlpExporter(otlp, body, (problem) => {
      const retry = `kload tries again every ${timeText(otlp.intervalMs)}`;
      const text = `metrics could not be exported to ${shownUrl(otlp.url)}: ${problem}; ${retry}`;
      this.#notify(`${text}${grpcHint(otlp.url)}`, 'warning');
    });
    this.#exporter.start();
  }

  /** Sends the final metrics. The report with what became of all exports; it is the same without live outputs. */
  async end(report: Report): Promise<Report> {
    const { otlp, listen } = this.#plan;
    const exports = await this.#exporter?.end();
    const metrics: MetricsReport = {
      listen: this.#server?.url ?? null,
      otlp: exports && otlp ? { endpoint: shownUrl(otlp.url), ...exports } : null,
    };
    return listen === undefined && otlp === undefined ? report : { ...report, metrics };
  }

  /** Serves the final metrics for a while. */
  async linger(): Promise<void> {
    const { lingerMs = 0 } = this.#plan.listen ?? {};
    const { signal } = this.#stopped;
    if (lingerMs === 0 || signal.aborted) return;
    this.#notify(`metrics stay at ${this.#server?.url} for ${timeText(lingerMs)}, or until Ctrl-C`, 'note');
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lingerMs);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Ends what `end` and `linger` wait for. */
  stop(): void {
    this.#stopped.abort();
    this.#exporter?.stop();
  }

  close(): void {
    this.stop();
    this.#server?.close();
  }
}

/** What the metrics are of, in OpenTelemetry's names. */
function resourceOf({ target }: RunFigures): Record<string, string> {
  const { messagingSystem } = targetKind(target.kind);
  return {
    'service.name': 'kload',
    'service.version': version(),
    'service.instance.id': randomUUID(),
    ...(messagingSystem !== undefined && { 'messaging.system': messagingSystem }),
    ...(target.stream !== null && { 'messaging.destination.name': target.stream }),
  };
}

/** Without its query, which may hold a token. */
function shownUrl(text: string): string {
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname}`;
}

/** What to do if the URL has the port that collectors use for gRPC. */
function grpcHint(text: string): string {
  return new URL(text).port === '4317' ? '; port 4317 is for gRPC, which kload does not speak: use 4318' : '';
}

function timeText(ms: number): string {
  return ms < 1000 ? formatLatency(ms) : formatDuration(ms);
}
