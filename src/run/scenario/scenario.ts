import type { ScenarioPlan } from '../../config/scenario-plan.js';
import { EXIT_CODES, type ExitReason } from '../../core/errors.js';
import type { LiveLoad, LiveView, RunControls, RunPhase } from '../../core/live.js';
import type { FileReading, LoadReport, Outcome, Report, ThresholdReport } from '../../core/report.js';
import type { Snapshot, WorkerGauges } from '../../core/snapshot.js';
import { formatCount } from '../../core/units.js';
import { Totals } from '../../measure/totals.js';
import { buildReport } from '../../report/build.js';
import { nowMs, wallTimeOf } from '../../system/clock.js';
import { targetKind } from '../../target/kinds.js';
import { type Moment, ThresholdWatch } from '../../threshold/watch.js';
import { liveView } from '../live/live-view.js';
import { LiveTracker } from '../live/tracker.js';
import type { LoadLinks, Run } from '../run.js';
import { START_LEAD_MS } from '../run.js';
import { type AllTargets, addedGauges, allTargets, renamed } from './all-targets.js';
import { configOfAll, inputOfAll } from './facts.js';
import { StartLine } from './start-line.js';

const CHECK_EVERY_MS = 250;

/** The worst first. */
const WORST: readonly ExitReason[] = [
  'bug',
  'usage',
  'input',
  'target',
  'output',
  'threshold',
  'interrupted',
  'failures',
  'ok',
];

export interface OpenLoad {
  readonly name: string;
  readonly run: Run;
}

/**
 * Several loads as one run: each is a `Run` of its own, and all share the worker threads, begin at the same moment, and
 * end in one report. The figures of all are counted from the same snapshots as those of each.
 */
export class Scenario implements RunControls {
  readonly resumedText = undefined;
  readonly #plan: ScenarioPlan;
  #loads: readonly OpenLoad[] = [];
  #targets!: AllTargets;
  readonly #startLine: StartLine;
  readonly #totals: Totals;
  readonly #thresholds: ThresholdWatch;
  #live: LiveTracker | undefined;
  /** The last gauges of each load in each thread. */
  readonly #gauges = new Map<number, Map<number, WorkerGauges>>();
  #startMs = nowMs();
  #hasBegun = false;
  /** The load that ended the others, or the threshold. */
  #endedBy: string | undefined;
  #aborted: string | undefined;

  constructor(plan: ScenarioPlan) {
    this.#plan = plan;
    const { warmUpMs } = plan.common;
    this.#totals = new Totals({ warmUpMs });
    this.#thresholds = new ThresholdWatch(plan.thresholds, warmUpMs);
    this.#startLine = new StartLine(plan.loads.length, () => this.#begin());
  }

  /** What ties the load at this place to the others. */
  linksOf(load: number): LoadLinks {
    return {
      snapshot: (snapshot) => this.#add(load, snapshot),
      begin: () => this.#startLine.arrive(load),
      leave: () => this.#startLine.leave(load),
      failed: () => this.#endOthers(load),
    };
  }

  /** @param loads in the order of the plan */
  setLoads(loads: readonly OpenLoad[]): void {
    this.#loads = loads;
    this.#targets = allTargets(loads.map(({ name, run }) => ({ name, target: run.parts.target })));
  }

  /** Runs all loads to their ends. */
  async execute(): Promise<Report> {
    const checks = setInterval(() => this.#check(), CHECK_EVERY_MS);
    try {
      const ends = await Promise.allSettled(this.#loads.map(({ run }) => run.execute()));
      const reports = ends.map((end) => {
        if (end.status === 'rejected') throw end.reason;
        return end.value;
      });
      return this.#report(reports.map((report, i) => ({ name: this.#loads[i]!.name, ...report })));
    } finally {
      clearInterval(checks);
    }
  }

  stop(): void {
    for (const { run } of this.#loads) run.stop();
  }

  togglePause(): void {
    const isPaused = this.#loads.some(({ run }) => run.progress.schedule.paused);
    this.#tick();
    for (const { run } of this.#loads) if (run.progress.schedule.paused === isPaused) run.togglePause();
    this.#tick();
  }

  scaleRate(factor: number): void {
    for (const { run } of this.#loads) run.scaleRate(factor);
  }

  get files(): readonly FileReading[] {
    return this.#loads.flatMap(({ run }) => run.files);
  }

  view(): LiveView {
    this.#live ??= this.#newTracker();
    const now = nowMs();
    this.#live.advance(this.#totals, now - this.#startMs);
    const views = this.#loads.map(({ run }) => run.view());
    const sum = (of: (view: LiveView) => number) => views.reduce((total, view) => total + of(view), 0);
    const rates = views.map(({ rpsTarget }) => rpsTarget);
    const ends = this.#loads.map(({ run }) => run.progress.schedule.endMs);
    const view = liveView(
      {
        phase: phaseOf(views),
        elapsedMs: Math.max(0, now - this.#startMs),
        target: this.#targets.report,
        rpsTarget: rates.includes(undefined) ? undefined : sum(({ rpsTarget = 0 }) => rpsTarget),
        schedule: `${formatCount(views.length)} loads`,
        input: `${formatCount(views.length)} loads`,
        capacity: null,
        recording: undefined,
        thresholds: this.#allThresholds(views),
        notice: this.#noticeOf(views),
        read: sum(({ records }) => records.read),
        skipped: 0,
        others: 0,
        rejected: sum(({ records }) => records.rejected),
        inputProgress: { done: 0, total: undefined },
        count: undefined,
        scheduleMs: Math.max(0, ...this.#loads.map(({ run }) => run.progress.schedule.elapsedAt(now))),
        durationMs: ends.every(Number.isFinite) ? Math.max(...ends) : undefined,
        askedIn: (second) => this.#askedIn(second),
      },
      this.#totals,
      this.#live,
    );
    return { ...view, loads: views.map((one, i) => liveLoad(this.#loads[i]!.name, one)) };
  }

  #begin(): number {
    const isTimed = this.#loads.some(({ run }) => run.parts.plan.schedule.kind !== 'as-fast-as-possible');
    const { startAtMs } = this.#plan.common;
    this.#startMs =
      nowMs() + (startAtMs === undefined ? (isTimed ? START_LEAD_MS : 0) : Math.max(0, startAtMs - Date.now()));
    this.#hasBegun = true;
    this.#live &&= this.#newTracker();
    return this.#startMs;
  }

  #newTracker(): LiveTracker {
    const { shardIds, report } = this.#targets;
    return new LiveTracker(shardIds, targetKind(report.kind).hasShardLimits);
  }

  #add(load: number, snapshot: Snapshot): void {
    const { workerId } = snapshot;
    const inThread = this.#gauges.get(workerId) ?? new Map<number, WorkerGauges>();
    this.#gauges.set(workerId, inThread);
    inThread.set(load, snapshot.gauges);
    const gauges = addedGauges([...inThread.values()]);
    const all = renamed(snapshot, gauges, (id) => this.#targets.shardName(load, id));
    this.#totals.add(all);
    this.#thresholds.add(all);
    this.#live?.add(all);
  }

  #check(): void {
    const now = nowMs();
    this.#live?.advance(this.#totals, now - this.#startMs);
    this.#tick(now);
    const { aborts } = this.#thresholds;
    if (aborts === undefined || this.#endedBy !== undefined) return;
    this.#aborted = `threshold crossed: ${aborts.text}`;
    this.#endedBy = 'the whole run';
    for (const { run } of this.#loads) run.stop(this.#aborted);
  }

  #tick(now = nowMs()): void {
    if (this.#hasBegun) this.#thresholds.tick(this.#momentAt(now));
  }

  /** A load that cannot go on ends the run: what it should show, it does not show without it. */
  #endOthers(load: number): void {
    if (this.#endedBy !== undefined) return;
    const { name } = this.#loads[load]!;
    this.#endedBy = name;
    for (const [i, { run }] of this.#loads.entries()) if (i !== load) run.stop(`load '${name}' ended the run`);
  }

  #momentAt(now: number): Moment {
    const moments = this.#loads.map(({ run }) => run.progress.momentAt(now));
    return {
      elapsedMs: now - this.#startMs,
      isPaced: moments.every(({ isPaced }) => isPaced),
      askedIn: (second) => this.#askedIn(second),
      rejected: moments.reduce((sum, { rejected }) => sum + rejected, 0),
      behindMs: Math.max(...moments.map(({ behindMs }) => behindMs)),
    };
  }

  /** undefined: a load has no rate. */
  #askedIn(second: number): number | undefined {
    return this.#loads.reduce<number | undefined>((sum, { run }) => {
      const asked = run.progress.askedIn(second);
      return sum === undefined || asked === undefined ? undefined : sum + asked;
    }, 0);
  }

  /** Those of the whole run, then those of each load under its name. */
  #allThresholds(loads: readonly { readonly thresholds: readonly ThresholdReport[] }[]): ThresholdReport[] {
    const named = loads.flatMap(({ thresholds }, i) =>
      thresholds.map((one) => ({ ...one, threshold: `${this.#loads[i]!.name}: ${one.threshold}` })),
    );
    return [...this.#thresholds.results(), ...named];
  }

  #noticeOf(views: readonly LiveView[]): string | undefined {
    const i = views.findIndex(({ notice }) => notice !== undefined);
    return i < 0 ? undefined : `${this.#loads[i]!.name}: ${views[i]!.notice}`;
  }

  #report(loads: readonly LoadReport[]): Report {
    const endMs = nowMs();
    const sum = (of: (report: LoadReport) => number) => loads.reduce((total, report) => total + of(report), 0);
    const unsent = sum(({ records }) => records.unsent);
    const schedules = this.#loads.map(({ run }) => run.progress.schedule);
    const pausedMs = Math.max(...loads.map((report) => report.pausedMs));
    const scheduleMs = Math.max(...schedules.map(({ lengthMs }) => lengthMs));
    this.#thresholds.finish(this.#momentAt(endMs), scheduleMs + pausedMs, unsent);
    const rates = schedules.map(({ meanRps }) => meanRps);
    const thresholds = this.#allThresholds(loads);
    const report = buildReport(
      {
        startedAt: wallTimeOf(this.#startMs),
        durationMs: Math.max(...loads.map(({ durationMs }) => durationMs)),
        pausedMs,
        activeMs: Math.max(...loads.map(activeMsOf)),
        outcome: this.#outcomeOf(loads),
        thresholds,
        config: configOfAll(loads.map(({ config }) => config)),
        target: this.#targets.report,
        records: { read: sum(({ records }) => records.read), rejected: sum(({ records }) => records.rejected), unsent },
        input: inputOfAll(loads.map(({ input }) => input)),
        checkpoint: null,
        resumed: null,
        part: undefined,
        rpsTarget: rates.includes(undefined) ? undefined : rates.reduce<number>((total, rps = 0) => total + rps, 0),
        askedIn: (second) => this.#askedIn(second),
        // The loads may have their busiest seconds at different times.
        asked: null,
        rejectedFirst: loads.flatMap(({ rejectedFirst }) => rejectedFirst).slice(0, 10),
        shardIds: this.#targets.shardIds,
      },
      this.#totals,
    );
    return { ...report, loads };
  }

  /** The outcome of the load that went worst, under its name; a threshold of the whole run is worse than failures. */
  #outcomeOf(loads: readonly LoadReport[]): Outcome {
    const rankOf = ({ exitCode }: Outcome) => WORST.findIndex((reason) => EXIT_CODES[reason].code === exitCode);
    const worst = loads.reduce((a, b) => (rankOf(b.outcome) < rankOf(a.outcome) ? b : a));
    const crossed = this.#thresholds.results().filter(({ ok }) => !ok);
    if (crossed.length > 0 && rankOf(worst.outcome) > WORST.indexOf('threshold')) {
      const reason = `thresholds of the whole run crossed: ${crossed.map(({ threshold }) => threshold).join(', ')}`;
      return { exitCode: EXIT_CODES.threshold.code, reason, hint: null };
    }
    const { exitCode, reason, hint } = worst.outcome;
    const isSame = loads.every(({ outcome }) => outcome.reason === reason);
    return { exitCode, reason: reason === null || isSame ? reason : `load '${worst.name}': ${reason}`, hint };
  }
}

/** The time that the achieved rate of a load is counted over. */
function activeMsOf({ records, rps }: Report): number {
  return rps.achieved > 0 ? (records.sent / rps.achieved) * 1000 : 0;
}

/** The run is where its first load is; it drains when no load reads any more. */
function phaseOf(views: readonly LiveView[]): RunPhase {
  const order: readonly RunPhase[] = ['starting', 'waiting', 'paused', 'running', 'draining', 'done'];
  return order.find((phase) => views.some((view) => view.phase === phase)) ?? 'done';
}

function liveLoad(name: string, view: LiveView): LiveLoad {
  const last = view.seconds.at(-1);
  return {
    name,
    stream: view.target.stream,
    phase: view.phase,
    schedule: view.schedule,
    target: last?.target ?? view.rpsTarget,
    sent: last?.sent ?? 0,
    throttled: last?.throttled ?? 0,
    failed: view.records.failed,
    p99: view.latency.recent.fromIntended.p99,
    lagP99: view.scheduleLag.p99,
  };
}
