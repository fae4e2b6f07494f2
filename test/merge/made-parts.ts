import fc from 'fast-check';
import { configOf } from '../../src/config/run-config.js';
import { planRun } from '../../src/config/run-plan.js';
import type { Report, ThresholdReport } from '../../src/core/report.js';
import { Recorder } from '../../src/measure/recorder.js';
import { Totals } from '../../src/measure/totals.js';
import { buildReport } from '../../src/report/build.js';
import { parseThreshold } from '../../src/threshold/parse.js';
import { ThresholdWatch } from '../../src/threshold/watch.js';
import { FACTS } from '../report/reports.js';
import { IDLE_GAUGES } from '../support/gauges.js';
import { timed } from '../support/timed.js';

export const SHARDS = ['shardId-0', 'shardId-1', 'shardId-2'];
export const BEGAN_MS = Date.parse('2026-01-02T03:04:05.678Z');
const RPS = 5;
const SECONDS = 10;

const KINDS = ['offered', 'again', 'sent', 'throttled', 'failed', 'error', 'request', 'duplicated'] as const;
const event = fc.record({
  kind: fc.constantFrom(...KINDS),
  atMs: fc.integer({ min: 0, max: SECONDS * 1000 - 1 }),
  lateMs: fc.oneof(fc.integer({ min: 0, max: 9_000 }), fc.double({ min: 0, max: 5, noNaN: true })),
  shard: fc.constantFrom(...SHARDS),
  bytes: fc.integer({ min: 0, max: 1e6 }),
});
export type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

/** What one process did. */
export interface Part {
  readonly startSeconds: number;
  readonly events: readonly Event[];
}

export const part: fc.Arbitrary<Part> = fc.record({
  startSeconds: fc.integer({ min: 0, max: 5 }),
  events: fc.array(event, { maxLength: 40 }),
});

export const SENT: Event = { kind: 'sent', atMs: 100, lateMs: 5, shard: SHARDS[0]!, bytes: 10 };

function record(recorder: Recorder, { kind, atMs, lateMs, shard, bytes }: Event, shiftMs: number): void {
  const at = shiftMs + atMs;
  if (kind === 'offered') recorder.offered(timed(at - lateMs), at);
  else if (kind === 'again') recorder.offeredAgain(at);
  else if (kind === 'sent') recorder.sent(timed(at - lateMs, bytes), at, shard);
  else if (kind === 'throttled') recorder.throttled(at, shard);
  else if (kind === 'failed') recorder.failed(at);
  else if (kind === 'error') recorder.error(`Error${shard.at(-1)}`, 1);
  else if (kind === 'request') recorder.request(at - lateMs, at, bytes % 2 === 0, bytes % 3 === 0);
  else recorder.maybeDuplicated();
}

/** The report of one process that did all the parts, with a worker for each. */
export function pooled(parts: readonly Part[], thresholds: readonly string[] = []): Report {
  const startSeconds = Math.min(...parts.map((one) => one.startSeconds));
  const totals = new Totals();
  const watch = new ThresholdWatch(thresholds.map(parseThreshold));
  for (const [id, one] of parts.entries()) {
    const recorder = new Recorder(id);
    recorder.begin(0);
    for (const each of one.events) record(recorder, each, (one.startSeconds - startSeconds) * 1000);
    const snapshot = recorder.takeSnapshot(IDLE_GAUGES);
    totals.add(snapshot);
    watch.add(snapshot);
  }
  const durationMs = Math.max(...parts.map((one) => (one.startSeconds - startSeconds + SECONDS) * 1000));
  const askedIn = () => RPS * parts.length;
  watch.finish({ elapsedMs: durationMs, isPaced: true, askedIn, rejected: 0, behindMs: 0 }, durationMs, 0);
  const options = { rps: String(RPS), duration: `${SECONDS}s`, stream: 'orders', region: 'us-east-1' };
  return buildReport(
    {
      ...FACTS,
      config: configOf(planRun(options, [], {}, 3), false),
      startedAt: new Date(BEGAN_MS + startSeconds * 1000),
      durationMs,
      activeMs: durationMs,
      records: { read: totals.sent + totals.failed, rejected: 0, unsent: 0 },
      rejectedFirst: [],
      rpsTarget: askedIn(),
      askedIn,
      shardIds: SHARDS,
      thresholds: watch.results(),
      outcome: outcomeOf(watch.results(), totals.failed),
    },
    totals,
  );
}

function outcomeOf(thresholds: readonly ThresholdReport[], failed: number): Report['outcome'] {
  const exitCode = thresholds.some(({ ok }) => !ok) ? 99 : failed > 0 ? 5 : 0;
  return { exitCode, reason: exitCode === 99 ? 'thresholds crossed' : null, hint: null };
}

/** The report as one of a split run. */
export function asPart(report: Report, number: number, of: number, changes: Partial<Report['part']> = {}): Report {
  return { ...report, part: { number, of, by: 'key', runId: '0123456789abcdef', clock: null, ...changes } };
}
