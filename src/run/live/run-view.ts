import type { RunPlan } from '../../config/run-plan.js';
import type { LiveView } from '../../core/live.js';
import type { CapacityReport } from '../../core/report.js';
import { capacityOf, shortageText } from '../../report/capacity.js';
import type { OpenTarget } from '../../target/kind.js';
import type { OpenInput } from '../open-input.js';
import type { Progress } from '../progress.js';
import { liveView, scheduleText } from './live-view.js';
import { noticeOf } from './notice.js';
import type { LiveTracker } from './tracker.js';

/** What a view shows of a run in addition to its progress. */
export interface ViewedRun {
  readonly plan: RunPlan;
  readonly input: OpenInput;
  readonly target: OpenTarget;
}

/** The run as it is now. @param tracker advanced to that time */
export function viewOf(run: ViewedRun, progress: Progress, tracker: LiveTracker, nowMs: number): LiveView {
  const { plan, target } = run;
  const { source, label } = run.input;
  const { phase, startMs, schedule, feed, totals } = progress;
  const rps = schedule.rpsAt(nowMs);
  const capacity = capacityOf(target.report, schedule.asked(), totals) ?? null;
  return liveView(
    {
      phase: phase === 'running' && schedule.paused ? 'paused' : phase,
      elapsedMs: Math.max(0, nowMs - startMs),
      target: target.report,
      rpsTarget: rps,
      schedule: scheduleText(plan.schedule, rps, schedule.factor),
      input: source.found.unwrapped ? `unwrapped ${label}` : label,
      capacity,
      recording: feed?.recording(nowMs),
      thresholds: progress.thresholds.results(),
      notice: notice(plan, progress, capacity, nowMs),
      read: feed?.read ?? 0,
      skipped: feed?.skipped ?? 0,
      rejected: feed?.rejected ?? 0,
      inputProgress: source.progress(feed?.blockShare ?? 0),
      count: plan.count,
      others: feed?.others ?? 0,
      scheduleMs: Math.max(0, schedule.elapsedAt(nowMs)),
      durationMs: Number.isFinite(schedule.endMs) ? schedule.endMs : undefined,
      askedIn: (second) => progress.askedIn(second),
    },
    totals,
    tracker,
  );
}

function notice(plan: RunPlan, progress: Progress, capacity: CapacityReport | null, nowMs: number): string | undefined {
  const { phase, startMs, gauges, schedule, feed, stops } = progress;
  const isTimed = plan.schedule.kind !== 'as-fast-as-possible';
  const followed = plan.schedule.kind === 'recorded' ? 'recording' : 'schedule';
  return noticeOf({
    phase,
    nowMs,
    startMs,
    startAtMs: plan.startAtMs,
    waitsForParts: plan.part?.barrier !== undefined,
    gauges,
    shortage: shortageText(capacity),
    targetTimeoutMs: plan.targetTimeoutMs,
    waitsForRoom: feed?.waitsForRoom ?? false,
    follows: isTimed && !schedule.paused ? followed : undefined,
    feedBehindMs: feed?.behindMs(nowMs) ?? 0,
    nextDueInMs: feed?.dueInMs(nowMs) ?? 0,
    stopping: stops > 0,
    warmUpMs: plan.warmUpMs,
    leftOfEarlierLegs: feed?.leftOfEarlierLegs ?? 0,
  });
}
