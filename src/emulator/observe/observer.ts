import { version } from '../../system/version.js';
import type { Faults } from '../faults/faults.js';
import { RequestTarget } from '../faults/request-target.js';
import type { Accounts } from '../store/accounts.js';
import type { CutReason } from '../wire/bounds.js';
import type { Exchange, Outcome } from '../wire/exchange.js';
import type { Routes } from '../wire/routes.js';
import { collectMetrics, type WireFigures } from './metrics.js';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from './prometheus.js';
import { type LogOptions, RequestLog } from './request-log.js';
import { RequestMetrics } from './request-metrics.js';

/** The shortest time between two notices about the same thing. */
const NOTICE_EVERY_MS = 60_000;

const CUTS: Readonly<Record<CutReason, string>> = {
  unread: 'clients leave too many bytes of responses unread: the connection that waited longest was cut',
  'too-many': 'too many connections are open: a new one was cut',
};

/** A request, with what was known about it when it was finished. */
type Finished = Pick<Exchange, 'request'> & Partial<Exchange>;

/** Counts and logs every request. */
export class Observer {
  readonly log: RequestLog;
  readonly #now: () => number;
  readonly #requests = new RequestMetrics();
  /** The process's uptime when the emulator started, seconds. */
  readonly #startedSeconds = process.uptime();
  readonly #cuts = new Map<CutReason, number>([
    ['unread', 0],
    ['too-many', 0],
  ]);
  /** When the last notice about each thing was logged. */
  readonly #noticedMs = new Map<CutReason | 'dropped', number>();

  constructor(log: LogOptions, now: () => number) {
    this.log = new RequestLog(log, now);
    this.#now = now;
  }

  finished(request: Finished, outcome: Outcome, accounts: Accounts): void {
    this.#requests.add(request.operation, outcome);
    this.log.finished(request, outcome, () => this.#streamOf(request, accounts));
  }

  /** Logs that the oldest records were removed. */
  dropped({ bytesMax, droppedRecords }: Accounts['memory']): void {
    const text = () => `records fill their ${Math.round(bytesMax / 1024 ** 2)} MiB of memory: the oldest are removed`;
    this.#notice('dropped', text, droppedRecords);
  }

  /** Counts and logs a connection that was cut to keep within the limits. */
  cut(reason: CutReason): void {
    const count = (this.#cuts.get(reason) ?? 0) + 1;
    this.#cuts.set(reason, count);
    this.#notice(reason, () => CUTS[reason], count);
  }

  /** The body of `/_kload/health`, without its status. */
  health(accounts: Accounts): Readonly<Record<string, unknown>> {
    const streams = accounts.allStreams(this.#now()).length;
    return { version: version(), uptimeSeconds: this.#uptimeSeconds(), streams };
  }

  addMetricsRoute(routes: Routes, accounts: Accounts, faults: Faults, wire: WireFigures): void {
    const requests = this.#requests;
    const uptimeSeconds = () => this.#uptimeSeconds();
    routes.add('GET', '/_kload/metrics', () => {
      const sources = { version: version(), requests, accounts, faults, wire, cuts: this.#cuts, uptimeSeconds };
      const body = prometheusText(collectMetrics(sources, Math.floor(this.#now())));
      return { status: 200, contentType: PROMETHEUS_CONTENT_TYPE, body };
    });
  }

  #notice(about: CutReason | 'dropped', text: () => string, count: number): void {
    const now = performance.now();
    if (now - (this.#noticedMs.get(about) ?? Number.NEGATIVE_INFINITY) < NOTICE_EVERY_MS) return;
    this.#noticedMs.set(about, now);
    this.log.notice(`${text()}, ${count} so far`);
  }

  #uptimeSeconds(): number {
    return Math.round((process.uptime() - this.#startedSeconds) * 1000) / 1000;
  }

  #streamOf({ request, operation, caller, format }: Finished, accounts: Accounts): string | undefined {
    if (operation === undefined || caller === undefined || format === undefined) return undefined;
    const now = Math.floor(this.#now());
    return new RequestTarget({ request, operation, caller, format }, accounts, now).stream?.name;
  }
}
