import type { RunPhase } from '../../core/live.js';
import type { WorkerGauges } from '../../core/snapshot.js';
import { formatCount, formatDuration, formatLag } from '../../core/units.js';
import { SILENCE_REPORTED_MS } from '../../core/waiting.js';

/** A run makes up for a smaller lag before the notice could be read. */
const BEHIND_REPORTED_MS = 500;
/** A shorter wait for the next record needs no explanation. */
const WAIT_REPORTED_MS = 30_000;
/** If more than this share of the held records waits for earlier records of their keys, there are too few keys. */
const KEYS_HOLD_BACK = 0.9;

/** What a notice is made from. Times are milliseconds of the shared clock, unless noted. */
export interface RunState {
  readonly phase: RunPhase;
  readonly nowMs: number;
  /** When the run begins. */
  readonly startMs: number;
  /** `--start-at`, in epoch milliseconds. */
  readonly startAtMs: number | undefined;
  /** Whether the run waits for its other parts. */
  readonly waitsForParts: boolean;
  readonly gauges: readonly WorkerGauges[];
  readonly targetTimeoutMs: number;
  /** Why the stream cannot take the rate; undefined if it can. */
  readonly shortage: string | undefined;
  /** The next record waits for room in its worker. */
  readonly waitsForRoom: boolean;
  /** What says when records are due; undefined without a schedule, or while the run is paused. */
  readonly follows: 'recording' | 'schedule' | undefined;
  /** How late the next record to be dispatched is, in milliseconds. */
  readonly feedBehindMs: number;
  /** In how many milliseconds the next record is due; 0 if it is due already, or not known. */
  readonly nextDueInMs: number;
  /** The run was asked to stop. */
  readonly stopping: boolean;
  /** The latencies and thresholds of the run leave out what happens before. */
  readonly warmUpMs: number;
  /** Records left before the first one that no earlier leg of the run read. */
  readonly leftOfEarlierLegs: number;
}

/** One line about what the run waits for or is held up by; undefined if there is nothing to say. */
export function noticeOf(state: RunState): string | undefined {
  const { phase, nowMs, startMs, startAtMs, gauges } = state;
  const { leftOfEarlierLegs } = state;
  if (leftOfEarlierLegs > 0 && phase !== 'draining')
    return `skipping settled records: ${formatCount(leftOfEarlierLegs)} records to go`;
  if (phase === 'waiting' && state.waitsForParts) return 'waiting for the other parts of the run';
  if (phase === 'waiting') return waitingText(startAtMs ?? 0, startMs - nowMs);
  const silentMs = silentForMs(gauges, nowMs);
  if (silentMs > SILENCE_REPORTED_MS)
    return `no response for ${formatDuration(silentMs)}: the run ends after ${formatDuration(state.targetTimeoutMs)}`;
  const behind = behindText(state);
  const heldBack = heldBackText(state);
  if (heldBack !== undefined) return behind === undefined ? heldBack : `${behind}: ${heldBack}`;
  if (phase !== 'draining') return behind ?? waitText(state) ?? warmUpText(state);
  const held = gauges.reduce((sum, { held }) => sum + held, 0);
  const how = state.stopping ? ', stop again to end at once' : '';
  const late = behind === undefined ? '' : `, ${behind}`;
  return `draining: ${formatCount(held)} records to go${late}${how}`;
}

/** Why there is no room for the next record, if that is known. */
function heldBackText({ waitsForRoom, gauges, shortage }: RunState): string | undefined {
  if (!waitsForRoom) return undefined;
  if (gauges.some(({ slowedShards }) => slowedShards > 0)) {
    return shortage ?? 'throttled shards hold the run back: add shards, or spread the keys';
  }
  const byKeys = gauges.some(({ held, waitingForKey }) => waitingForKey > held * KEYS_HOLD_BACK);
  return byKeys ? 'hot keys hold the run back: --ordered sends one record of a key at a time' : undefined;
}

function waitingText(startAtMs: number, leftMs: number): string {
  if (leftMs <= 0) return 'waiting for the first record';
  return `starts at ${new Date(startAtMs).toISOString()}, in ${formatDuration(leftMs)}`;
}

/** When the next record is due, if that takes long. */
function waitText({ phase, nextDueInMs, follows }: RunState): string | undefined {
  if (phase !== 'running' || nextDueInMs < WAIT_REPORTED_MS) return undefined;
  const hint = follows === 'recording' ? ' (--max-gap shortens gaps)' : '';
  return `the next record is due in ${formatDuration(nextDueInMs)}${hint}`;
}

function warmUpText({ phase, nowMs, startMs, warmUpMs }: RunState): string | undefined {
  // Before the first record is due, the time since then is negative.
  if (phase !== 'running' || warmUpMs === 0 || nowMs - startMs >= warmUpMs) return undefined;
  return `warming up: percentiles and thresholds leave out the first ${formatDuration(warmUpMs)}`;
}

/** '3.2 s behind the recording'; undefined if the run keeps up. */
function behindText({ follows, feedBehindMs, gauges }: RunState): string | undefined {
  if (follows === undefined) return undefined;
  const behindMs = Math.max(feedBehindMs, ...gauges.map((gauge) => gauge.behindMs));
  return behindMs < BEHIND_REPORTED_MS ? undefined : `${formatLag(behindMs)} behind the ${follows}`;
}

/**
 * For how long the target has not responded to any request of any worker, in milliseconds; 0 when no request waits.
 * A response to one worker shows that the target is alive for all of them.
 */
export function silentForMs(gauges: readonly WorkerGauges[], nowMs: number): number {
  const waiting = gauges.filter((worker) => worker.held > 0 && worker.noResponseSinceMs !== Number.POSITIVE_INFINITY);
  if (waiting.length === 0) return 0;
  const waitingSinceMs = Math.min(...waiting.map((worker) => worker.noResponseSinceMs));
  const respondedAtMs = Math.max(...gauges.map((worker) => worker.respondedAtMs));
  return nowMs - Math.max(waitingSinceMs, respondedAtMs);
}
