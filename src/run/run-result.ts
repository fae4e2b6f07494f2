import { configOf } from '../config/run-config.js';
import type { RunPlan } from '../config/run-plan.js';
import type { Source } from '../core/record.js';
import type { Report } from '../core/report.js';
import { formatCount } from '../core/units.js';
import type { Totals } from '../measure/totals.js';
import { buildReport } from '../report/build.js';
import type { Schedule } from '../schedule/schedule.js';
import type { OpenTarget } from '../target/kind.js';
import type { Moment, ThresholdWatch } from '../threshold/watch.js';
import type { Feed } from './feed/feed.js';
import type { WorkerEnd } from './feed/worker-pool.js';
import type { EndCause } from './outcome.js';

/** A run that has ended. Times are in milliseconds, on the clock that all threads share. */
export interface EndedRun {
  readonly plan: RunPlan;
  readonly source: Source;
  readonly target: OpenTarget;
  readonly schedule: Schedule;
  /** undefined: nothing was fed. */
  readonly feed: Feed | undefined;
  readonly ends: readonly WorkerEnd[];
  readonly totals: Totals;
  readonly thresholds: ThresholdWatch;
  /** The run at its end, for the thresholds. */
  readonly moment: Moment;
  /** Records due in a second of the run; undefined: the run had no rate. */
  readonly askedIn: (second: number) => number | undefined;
  readonly cause: EndCause;
  readonly startedAt: Date;
  readonly startMs: number;
  readonly endMs: number;
  readonly checkpoint: Report['checkpoint'];
  readonly resumed: Report['resumed'];
  /** undefined: the run is not split. */
  readonly part: Report['part'];
}

/** Makes the report. A ledger that does not add up becomes the cause of the run's end. */
export function reportOf(run: EndedRun): Report {
  const { plan, source, target, feed, totals, cause, schedule, startMs, endMs, checkpoint, resumed } = run;
  const read = feed?.read ?? 0;
  const rejected = feed?.rejected ?? 0;
  const unsent = run.ends.reduce((sum, end) => sum + unsentOf(end, totals, cause), 0);
  const { sent, failed } = totals;
  if (read !== sent + failed + rejected + unsent) {
    const counts = `read ${read}, sent ${sent}, failed ${failed}, rejected ${rejected}, unsent ${unsent}`;
    cause.override(`a bug in kload: the ledger does not add up (${counts})`);
  }
  if (feed !== undefined && !cause.known) checkAnythingSent(run, feed);
  const pausedMs = schedule.pausedMsAt(endMs);
  run.thresholds.finish(run.moment, schedule.lengthMs + pausedMs, unsent);
  const thresholds = run.thresholds.results();
  // A leg that was killed could not report the records that it gave up, so the leg that finishes the run does.
  const failedBefore = checkpoint?.finished === true && feed !== undefined ? (resumed?.earlier.failed ?? 0) : 0;
  return buildReport(
    {
      startedAt: run.startedAt,
      durationMs: Math.max(0, endMs - startMs),
      pausedMs,
      activeMs: activeMs(run, pausedMs),
      outcome: cause.outcome(failed + failedBefore, unsent, thresholds),
      thresholds,
      config: configOf(plan, source.found.unwrapped),
      target: target.report,
      records: { read, rejected, unsent },
      input: { ...source.found, nullKeys: feed?.nullKeys ?? 0 },
      checkpoint,
      resumed,
      part: run.part,
      rpsTarget: schedule.meanRps,
      askedIn: run.askedIn,
      asked: schedule.asked(true),
      rejectedFirst: feed?.rejectedFirst ?? [],
      shardIds: target.shardIds,
    },
    totals,
  );
}

/** Nothing was sent in any leg, although the run reached its end: the input is wrong, or was read the wrong way. */
function checkAnythingSent(
  { totals, cause, resumed }: EndedRun,
  { read, rejected, rejectedFirst, others }: Feed,
): void {
  const { sent = 0, failed = 0 } = resumed?.earlier ?? {};
  // A part may have no record of its own.
  if (totals.sent + totals.failed + sent + failed + others > 0) return;
  const first = rejectedFirst[0];
  if (first === undefined) {
    cause.set(
      'input',
      'nothing was sent: the input holds no record',
      'check the input, and the options that select a part of it',
    );
    return;
  }
  const which = rejected === 1 ? 'its only record was' : `all ${formatCount(read)} records were`;
  cause.set(
    'input',
    `nothing was sent: ${which} rejected, the first at ${first.at}: ${first.reason}`,
    'fix the input, or check --format and the options that name its fields',
  );
}

/**
 * The time that the achieved rate is counted over: from the start to the last response, without pauses, but at least
 * the length of the schedule. The last of n records is due before the n-th interval is over.
 */
function activeMs({ schedule, totals, startMs }: EndedRun, pausedMs: number): number {
  const lastResponses = [...totals.workers.values()].map(({ gauges }) => gauges.respondedAtMs);
  return Math.max(0, schedule.lengthMs, Math.max(...lastResponses) - startMs - pausedMs);
}

/**
 * The records for a worker that it is not known to have sent or given up. They include the records of a worker that
 * died, and those that were not sent to the worker because the run had been abandoned. A worker that did not die also
 * reports its own count, which must agree.
 */
function unsentOf({ workerId, dispatched, result }: WorkerEnd, totals: Totals, cause: EndCause): number {
  const { sent = 0, failed = 0 } = totals.workers.get(workerId) ?? {};
  if (result !== undefined && result.received !== sent + failed + result.unsent) {
    const counts = `received ${result.received}, sent ${sent}, failed ${failed}, unsent ${result.unsent}`;
    cause.override(`a bug in kload: the ledger of worker ${workerId} does not add up (${counts})`);
  }
  return dispatched - sent - failed;
}
