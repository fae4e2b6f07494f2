import type { Faults } from '../faults/faults.js';
import { RequestTarget } from '../faults/request-target.js';
import type { World } from '../store/world.js';
import type { Exchange, Outcome } from '../wire/exchange.js';
import type { Routes } from '../wire/routes.js';
import { collectMetrics } from './metrics.js';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from './prometheus.js';
import { type LogOptions, RequestLog } from './request-log.js';
import { RequestMetrics } from './request-metrics.js';
import { version } from './version.js';

const DROPPED_EVERY_MS = 60_000;

type Passed = Pick<Exchange, 'request'> & Partial<Exchange>;

/** Sees every request pass, counts it, and writes it down. */
export class Observer {
  readonly log: RequestLog;
  readonly #now: () => number;
  readonly #requests = new RequestMetrics();
  readonly #startedMs = performance.now();
  #saidDroppedMs = Number.NEGATIVE_INFINITY;

  constructor(log: LogOptions, now: () => number) {
    this.log = new RequestLog(log, now);
    this.#now = now;
  }

  answered(passed: Passed, outcome: Outcome, world: World): void {
    this.#requests.add(passed.operation, outcome);
    this.log.answered(passed, outcome, () => this.#streamOf(passed, world));
  }

  /** Says that the oldest records left, once a minute while it goes on. */
  dropped({ bytesMax, droppedRecords }: World['memory']): void {
    const now = performance.now();
    if (now - this.#saidDroppedMs < DROPPED_EVERY_MS) return;
    this.#saidDroppedMs = now;
    this.log.notice(
      `records take all of their ${Math.round(bytesMax / 1024 ** 2)} MiB: the oldest leave, ${droppedRecords} so far`,
    );
  }

  /** What is told of the emulator's health. */
  health(world: World): Readonly<Record<string, unknown>> {
    const streams = world.allStreams(this.#now()).length;
    return { version: version(), uptimeSeconds: this.#uptimeSeconds(), streams };
  }

  addMetricsRoute(routes: Routes, world: World, faults: Faults, connections: () => number): void {
    const requests = this.#requests;
    const uptimeSeconds = () => this.#uptimeSeconds();
    routes.add('GET', '/_kload/metrics', () => {
      const sources = { version: version(), requests, world, faults, connections, uptimeSeconds };
      const body = prometheusText(collectMetrics(sources, Math.floor(this.#now())));
      return { status: 200, contentType: PROMETHEUS_CONTENT_TYPE, body };
    });
  }

  #uptimeSeconds(): number {
    return Math.round(performance.now() - this.#startedMs) / 1000;
  }

  #streamOf({ request, operation, caller, format }: Passed, world: World): string | undefined {
    if (operation === undefined || caller === undefined || format === undefined) return undefined;
    const now = Math.floor(this.#now());
    return new RequestTarget({ request, operation, caller, format }, world, now).stream?.name;
  }
}
