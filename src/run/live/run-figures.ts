import type { RunFigures } from '../../output/live/figures.js';
import type { OpenTarget } from '../../target/kind.js';
import type { Progress } from '../progress.js';

/** The run as it is now, for live metrics. Costs next to nothing: all of it is counted anyway. */
export function figuresOf({ report, shardIds }: OpenTarget, progress: Progress, nowMs: number): RunFigures {
  const { phase, startedAt, startMs, endMs, schedule, feed, totals, thresholds, gauges } = progress;
  const hasEnded = endMs !== undefined;
  const isAsking = phase === 'running' && !schedule.paused;
  const rps = schedule.rpsAt(nowMs);
  return {
    phase: phase === 'running' && schedule.paused ? 'paused' : phase,
    startedAt,
    elapsedMs: Math.max(0, (endMs ?? nowMs) - startMs),
    target: report,
    shardIds,
    rps: rps === undefined || isAsking ? rps : 0,
    read: feed?.read ?? 0,
    rejected: feed?.rejected ?? 0,
    behindMs: hasEnded ? 0 : progress.behindMs(nowMs),
    requestsInFlight: hasEnded ? 0 : gauges.reduce((sum, { requestsInFlight }) => sum + requestsInFlight, 0),
    thresholds: thresholds.results(),
    totals,
  };
}
