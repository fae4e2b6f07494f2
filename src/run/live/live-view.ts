import type { LiveLatency, LiveProgress, LiveSecond, LiveView } from '../../core/live.js';
import type { Progress } from '../../core/record.js';
import type { Ledger } from '../../core/report.js';
import type { Arrival, ScheduleMode } from '../../core/schedule-mode.js';
import { formatBytes, formatLatency, formatRecordRate } from '../../core/units.js';
import { INTERVAL_MS } from '../../measure/recorder.js';
import type { Totals } from '../../measure/totals.js';
import { completeSeconds, SECONDS_SHOWN } from './seconds.js';
import type { LiveTracker } from './tracker.js';

/** The pace is measured over this time: long enough to even out bursts of throttling. */
const PACE_SECONDS = 5;
/** A run is behind its schedule if the workers hold more than this many seconds of its rate. */
const BEHIND_SECONDS = 1;

/** What the view shows of a run in addition to its totals. */
export type LiveFacts = Pick<
  LiveView,
  | 'phase'
  | 'elapsedMs'
  | 'target'
  | 'rpsTarget'
  | 'schedule'
  | 'input'
  | 'capacity'
  | 'thresholds'
  | 'notice'
  | 'recording'
> & {
  readonly read: number;
  /** Records that earlier legs of the run settled. */
  readonly skipped: number;
  readonly rejected: number;
  /** Records that other parts of the run send. */
  readonly others: number;
  readonly inputProgress: Progress;
  readonly count: number | undefined;
  /** The schedule time, and the schedule time at which the run ends. */
  readonly scheduleMs: number;
  readonly durationMs: number | undefined;
  /** Records due in a second of the run; undefined: the run has no rate. */
  readonly askedIn: (second: number) => number | undefined;
};

/** @param tracker advanced to the time of the view */
export function liveView(facts: LiveFacts, totals: Totals, tracker: LiveTracker): LiveView {
  const { phase, elapsedMs, target, rpsTarget, schedule, input, capacity, thresholds, notice, recording } = facts;
  const records = runningLedger(totals, facts.read, facts.rejected);
  const seconds = lastSeconds(totals, elapsedMs, facts.askedIn);
  return {
    phase,
    elapsedMs,
    target,
    rpsTarget,
    schedule,
    input,
    capacity,
    thresholds,
    notice,
    records,
    bytesSent: totals.bytesSent,
    seconds,
    progress: sentOf(
      progressOf(facts, records.unsent, (held) => drainMs(held, seconds)),
      facts,
      records.unsent,
    ),
    recording,
    latency: { recent: tracker.latencies.latency, run: wholeRun(totals) },
    scheduleLag: totals.scheduleLag.percentiles(),
    requests: totals.requests,
    recordsRetried: totals.retried,
    throttled: totals.throttled,
    errors: Object.fromEntries(totals.errors),
    shards: tracker.rates.shards,
    heat: tracker.rates.heat(seconds.length),
    workers: tracker.rates.workers,
  };
}

function wholeRun({ fromIntended, service }: Totals): LiveLatency {
  return { fromIntended: fromIntended.percentiles(), service: service.percentiles(), histogram: fromIntended.bars() };
}

/** While a run is going, records that were read and are not settled count as unsent. */
function runningLedger(totals: Totals, read: number, rejected: number): Ledger {
  const { sent, failed, maybeDuplicated, inDoubt } = totals;
  return { read, sent, failed, rejected, unsent: read - sent - failed - rejected, maybeDuplicated, inDoubt };
}

function lastSeconds(totals: Totals, elapsedMs: number, askedIn: LiveFacts['askedIn']): LiveSecond[] {
  const complete = completeSeconds(elapsedMs);
  const seconds: LiveSecond[] = [];
  for (let index = Math.max(0, complete - SECONDS_SHOWN); index < complete; index++) {
    const { offered = 0, sent = 0, throttled = 0, failed = 0, p50 = 0, p99 = 0 } = totals.interval(index) ?? {};
    seconds.push({ t: index, target: askedIn(index), offered, sent, throttled, failed, p50, p99 });
  }
  return seconds;
}

/**
 * How long it takes to send the held records at the pace of the last seconds; undefined if nothing was sent in them.
 */
function drainMs(held: number, seconds: readonly LiveSecond[]): number | undefined {
  const recent = seconds.slice(-PACE_SECONDS);
  const sent = recent.reduce((sum, second) => sum + second.sent, 0);
  return sent === 0 ? undefined : (held / sent) * recent.length * INTERVAL_MS;
}

/** Counts only settled records as done, where `progress` counts all records that were read. */
function sentOf(
  progress: LiveProgress | undefined,
  { read, skipped }: LiveFacts,
  unsent: number,
): LiveProgress | undefined {
  if (progress === undefined) return undefined;
  const known = read + skipped;
  return { ...progress, done: known === 0 ? 0 : (progress.done * (known - unsent)) / known };
}

/**
 * The run ends with the input, the count or the duration, whichever comes first. This is how far reading has come
 * towards the nearest of those that are known. While the run drains, the time left is that of sending the held records.
 */
function progressOf(
  facts: LiveFacts,
  held: number,
  drainMs: (records: number) => number | undefined,
): LiveProgress | undefined {
  const ends: LiveProgress[] = [];
  const add = (done: number, total: number | undefined, unit: LiveProgress['unit']) => {
    if (total !== undefined && total > 0) ends.push({ done: Math.min(done, total), total, unit, etaMs: undefined });
  };
  add(facts.read + facts.skipped + facts.others, facts.count, 'records');
  add(facts.scheduleMs, facts.durationMs, 'ms');
  add(facts.inputProgress.done, facts.inputProgress.total, 'bytes');
  const nearest = ends.sort((a, b) => b.done / b.total - a.done / a.total)[0];
  if (nearest === undefined) return undefined;
  const { done, total } = nearest;
  if (facts.phase === 'draining') return { ...nearest, etaMs: drainMs(held) };
  if (done === 0) return nearest;
  const leftMs = (facts.scheduleMs * (total - done)) / done;
  const { rpsTarget = Number.POSITIVE_INFINITY } = facts;
  // If the target is slower than the rate, it sets the pace, also for the records that are held.
  const isBehind = held > rpsTarget * BEHIND_SECONDS;
  return { ...nearest, etaMs: (isBehind ? drainMs(held + (rpsTarget * leftMs) / 1000) : undefined) ?? leftMs };
}

/**
 * A schedule in words, for titles.
 *
 * @param rps    its current rate
 * @param factor by which the user has scaled it
 */
export function scheduleText(mode: ScheduleMode, rps = 0, factor = 1): string {
  switch (mode.kind) {
    case 'constant-rate':
      return [formatRecordRate(rps), ...arrivalText(mode)].join(', ');
    case 'stages':
      return [mode.file === undefined ? 'stages' : 'rate file', formatRecordRate(rps), ...arrivalText(mode)].join(', ');
    case 'bytes-per-second':
      return [`${formatBytes(mode.bytesPerSecond * factor)}/s`, ...arrivalText(mode)].join(', ');
    case 'recorded':
      return ['as recorded', ...recordedChanges(mode)].join(', ');
    case 'as-fast-as-possible':
      return 'as fast as possible';
  }
}

function arrivalText({ arrival }: { readonly arrival?: Arrival }): string[] {
  if (arrival?.kind === 'burst') return [`bursts of ${formatLatency(arrival.everyMs)}`];
  return arrival?.kind === 'poisson' ? ['at random'] : [];
}

function recordedChanges({ speed, gapMaxMs }: Extract<ScheduleMode, { kind: 'recorded' }>): string[] {
  const gaps = gapMaxMs === undefined ? [] : [`gaps up to ${formatLatency(gapMaxMs)}`];
  return speed === 1 ? gaps : [...gaps, `${speed}x`];
}
