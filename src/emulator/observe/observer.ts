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

/** Between two notices of the same, while it goes on. */
const NOTICE_EVERY_MS = 60_000;

const CUTS: Readonly<Record<CutReason, string>> = {
  unread: 'too many bytes of answers wait for clients to read them: the connection that waited longest was cut',
  'too-many': 'too many connections are open: a new one was cut',
};

type Passed = Pick<Exchange, 'request'> & Partial<Exchange>;

/** Sees every request pass, counts it, and writes it down. */
export class Observer {
  readonly log: RequestLog;
  readonly #now: () => number;
  readonly #requests = new RequestMetrics();
  /** The process's age then, seconds. */
  readonly #startedSeconds = process.uptime();
  readonly #cuts = new Map<CutReason, number>([
    ['unread', 0],
    ['too-many', 0],
  ]);
  /** When there was the last notice, by what it is about. */
  readonly #noticedMs = new Map<CutReason | 'dropped', number>();

  constructor(log: LogOptions, now: () => number) {
    this.log = new RequestLog(log, now);
    this.#now = now;
  }

  answered(passed: Passed, outcome: Outcome, accounts: Accounts): void {
    this.#requests.add(passed.operation, outcome);
    this.log.answered(passed, outcome, () => this.#streamOf(passed, accounts));
  }

  /** Says that the oldest records left. */
  dropped({ bytesMax, droppedRecords }: Accounts['memory']): void {
    const text = () => `records take all of their ${Math.round(bytesMax / 1024 ** 2)} MiB: the oldest leave`;
    this.#notice('dropped', text, droppedRecords);
  }

  /** Counts a connection that was ended to keep to the bounds, and says so. */
  cut(reason: CutReason): void {
    const count = (this.#cuts.get(reason) ?? 0) + 1;
    this.#cuts.set(reason, count);
    this.#notice(reason, () => CUTS[reason], count);
  }

  /** What is told of the emulator's health. */
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

  #streamOf({ request, operation, caller, format }: Passed, accounts: Accounts): string | undefined {
    if (operation === undefined || caller === undefined || format === undefined) return undefined;
    const now = Math.floor(this.#now());
    return new RequestTarget({ request, operation, caller, format }, accounts, now).stream?.name;
  }
}
