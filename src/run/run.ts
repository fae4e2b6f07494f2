import { setTimeout as delay } from 'node:timers/promises';
import type { RunPlan } from '../config/run-plan.js';
import { messageOf } from '../core/errors.js';
import type { LiveView, RunControls } from '../core/live.js';
import type { FileReading, PartReport, Report } from '../core/report.js';
import type { Snapshot } from '../core/snapshot.js';
import { formatDuration } from '../core/units.js';
import type { MadeRecords } from '../generate/record-maker.js';
import type { RunFigures } from '../output/live/figures.js';
import { Router } from '../route/router.js';
import { Schedule } from '../schedule/schedule.js';
import { nowMs } from '../system/clock.js';
import type { OpenTarget, TargetKind } from '../target/kind.js';
import { targetKind } from '../target/kinds.js';
import { hasBegun } from './checkpoint/checkpoint.js';
import { type CheckpointedRun, Checkpointer, type FeedPosition } from './checkpoint/checkpointer.js';
import type { DeadLetterFile } from './checkpoint/dead-letter-file.js';
import { earlierLegsOf, type OpenCheckpoint, resumedReport, resumedText } from './checkpoint/open-checkpoint.js';
import { Condition } from './feed/condition.js';
import { Feed } from './feed/feed.js';
import { feedOptions } from './feed/feed-options.js';
import { rehearseFeed } from './feed/rehearsal.js';
import { senderTasks } from './feed/sender-tasks.js';
import type { PoolEvents, WorkerEnd, WorkerPool } from './feed/worker-pool.js';
import { silentForMs } from './live/notice.js';
import { figuresOf } from './live/run-figures.js';
import { viewOf } from './live/run-view.js';
import { LiveTracker } from './live/tracker.js';
import { RECORD_HINT } from './made-records.js';
import type { OpenInput } from './open-input.js';
import { EndCause } from './outcome.js';
import { waitAtBarrier } from './part/barrier.js';
import type { Barrier } from './part/meeting.js';
import { Progress } from './progress.js';
import { reportOf } from './run-result.js';
import { maxTimeText } from './run-time.js';

/** The first records are due this long after the workers are ready: time to dispatch them. */
export const START_LEAD_MS = 60;
const CHECK_EVERY_MS = 250;
/** The wall clock may be set while the run waits for `--start-at`, so it is read this often. */
const WALL_CLOCK_CHECK_MS = 1000;

/** What a run is made of. All of it is open; the run closes it. */
export interface RunParts {
  readonly plan: RunPlan;
  readonly input: OpenInput;
  readonly target: OpenTarget;
  /** What the workers make the records from; undefined if they are read from the input. */
  readonly made: MadeRecords | undefined;
  readonly deadLetters: DeadLetterFile | undefined;
  readonly checkpoint: OpenCheckpoint | undefined;
  readonly pool: WorkerPool;
  /** The same for all parts of the run; undefined: the run is not split. */
  readonly runId: string | undefined;
  /** Called with what a user should know, in a sentence. */
  readonly onNotice: (text: string) => void;
  /** When `--max-time` is over, on the shared clock; undefined for a run without a bound. */
  readonly endsAtMs: number | undefined;
  /** The other loads of the run; undefined: there are none. */
  readonly load?: LoadLinks | undefined;
}

/** What ties one of several loads to the others. */
export interface LoadLinks {
  /** Takes what a worker reports of this load. */
  snapshot(snapshot: Snapshot): void;
  /**
   * Waits until all loads could begin.
   *
   * @returns when all of them do, on the shared clock
   */
  begin(): Promise<number>;
  /** The load begins no more. */
  leave(): void;
  /** The load ended early, and ends the others. */
  failed(): void;
}

/** One run: source → schedule → route → (workers: batch → send → measure) → report. */
export class Run implements RunControls {
  readonly #parts: RunParts;
  readonly #kind: TargetKind;
  readonly #progress: Progress;
  /** undefined until a view is asked for: a quiet run does without. */
  #live: LiveTracker | undefined;
  readonly #cause = new EndCause();
  readonly #checkpointer: Checkpointer | undefined;
  /** Set when the feed may have more to do: a worker has room, or the run was paused, resumed, stopped or rescaled. */
  readonly #changed = new Condition();
  #drainTimer: NodeJS.Timeout | undefined;
  /** Ends the wait for other parts. */
  readonly #ended = new AbortController();
  /** undefined: the run does not wait for other parts, or has not met them yet. */
  #barrier: Barrier | undefined;

  constructor(parts: RunParts) {
    const { plan, input, target, checkpoint } = parts;
    this.#parts = parts;
    this.#kind = targetKind(plan.target.kind);
    const { schedule, thresholds, warmUpMs, part } = plan;
    const share = 1 / (part?.of ?? 1);
    const bounds = {
      durationMs: plan.durationMs,
      doneMs: checkpoint?.earlier?.scheduleMs,
      share,
      originMs: input.originMs,
    };
    this.#progress = new Progress(
      (startMs) => new Schedule(schedule, startMs, bounds),
      thresholds,
      warmUpMs,
      part !== undefined,
    );
    // A run with nothing left to do keeps its checkpoint file as it is.
    if (checkpoint?.finished === false) {
      this.#checkpointer = new Checkpointer(checkpoint, target.report, this.#checkpointed());
    }
  }

  /** Runs to the end. Problems on the way are in the report. Call it only once. */
  async execute(): Promise<Report> {
    const { plan, target, pool, checkpoint, made } = this.#parts;
    const checks = setInterval(() => this.#check(), CHECK_EVERY_MS);
    const end = this.#endInTime();
    target.onCrash((error) => this.#fail('bug', `a bug in kload: the embedded emulator crashed: ${error.message}`));
    try {
      // 1. Write the first checkpoint, so that a run that dies from here on can be resumed.
      await this.#checkpointer?.begin();
      // 2. Start the workers. For a schedule, the code of all threads is warmed up before the first record.
      const starting = pool.start(
        senderTasks(plan, target, this.#isTimed, made, this.#parts.load !== undefined),
        this.#poolEvents(),
      );
      await Promise.all([starting, this.#isTimed && rehearseFeed(plan.workers, made)]);
      // 3. Read, schedule and route all records. The workers send them meanwhile.
      if (checkpoint?.finished !== true) await this.#feed();
      // 4. Let the workers send what they still hold.
      this.#progress.schedule.finish();
      this.#progress.phase = 'draining';
      pool.finish();
      const ends = await pool.ended();
      // 5. Add everything up.
      return await this.#report(ends);
    } finally {
      clearInterval(checks);
      clearTimeout(end);
      clearTimeout(this.#drainTimer);
      this.#parts.load?.leave();
      await this.close();
    }
  }

  /** The first call stops reading, and sends what was read for at most the drain timeout. The second stops at once. */
  stop(reason = 'interrupted'): void {
    const { feed, schedule } = this.#progress;
    this.#progress.stops++;
    this.#ended.abort();
    this.#cause.set('interrupted', reason);
    if (schedule.paused) this.togglePause();
    if (this.#progress.stops > 1) {
      this.#abandon();
    } else {
      feed?.stop();
      this.#drainTimer = setTimeout(() => this.#abandon(), this.#parts.plan.drainTimeoutMs);
    }
  }

  /** Ends the run as Ctrl-C does when `--max-time` is over. */
  #endInTime(): NodeJS.Timeout | undefined {
    const { endsAtMs, plan } = this.#parts;
    if (endsAtMs === undefined) return undefined;
    const end = () => {
      if (this.#cause.known) return;
      this.#cause.set('ok', `${maxTimeText(plan.maxTimeMs ?? 0)} is over`);
      this.stop();
    };
    return setTimeout(end, Math.max(0, endsAtMs - nowMs()));
  }

  togglePause(): void {
    const { feed, schedule } = this.#progress;
    this.#tickThresholds();
    if (schedule.paused) {
      // Packed records have intended times from before the pause. The workers move them.
      feed?.flush();
      this.#parts.pool.resume(schedule.resume(nowMs()));
    } else {
      schedule.pause(nowMs());
      this.#parts.pool.pause();
    }
    this.#tickThresholds();
    this.#changed.notify();
  }

  scaleRate(factor: number): void {
    // The other parts would keep the rate of the run.
    if (this.#parts.plan.part !== undefined) return;
    this.#progress.schedule.scaleRate(factor);
    this.#changed.notify();
  }

  /** One line about the earlier legs of a resumed run; undefined for a new run. */
  get resumedText(): string | undefined {
    return this.#parts.checkpoint && resumedText(this.#parts.checkpoint);
  }

  /** How each file is read, for the files that were opened. */
  get files(): readonly FileReading[] {
    return this.#parts.input.source.found.files;
  }

  /** The run as it is now. */
  view(): LiveView {
    this.#live ??= this.#newTracker();
    const now = nowMs();
    this.#track(now);
    return viewOf(this.#parts, this.#progress, this.#live, now);
  }

  /** The run as it is now, for live metrics. */
  figures(): RunFigures {
    return figuresOf(this.#parts.target, this.#progress, nowMs());
  }

  get parts(): RunParts {
    return this.#parts;
  }

  get progress(): Progress {
    return this.#progress;
  }

  #newTracker(): LiveTracker {
    return new LiveTracker(this.#parts.target.shardIds, this.#kind.hasShardLimits);
  }

  /** Keeps what live views show of the last seconds. */
  #track(now = nowMs()): void {
    const { startMs, totals } = this.#progress;
    this.#live?.advance(totals, now - startMs);
  }

  /** True if records have intended times: unless the run is as fast as possible. */
  get #isTimed(): boolean {
    return this.#parts.plan.schedule.kind !== 'as-fast-as-possible';
  }

  get #leadMs(): number {
    return this.#isTimed ? START_LEAD_MS : 0;
  }

  async #feed(): Promise<void> {
    const { plan, input, target, pool, checkpoint, made } = this.#parts;
    const progress = this.#progress;
    this.#begin();
    const options = feedOptions(plan, this.#kind, target, checkpoint && earlierLegsOf(checkpoint), made);
    const sink = this.#checkpointer?.counting(pool) ?? pool;
    const feed = new Feed(progress.schedule, new Router(plan.workers), sink, plan.workers, this.#changed, options);
    progress.feed = feed;
    this.#checkpointer?.start();
    progress.phase = plan.startAtMs === undefined && !this.#waitsForParts ? 'running' : 'waiting';
    if (this.#cause.known) feed.stop();
    try {
      await feed.run(input.source, () => this.#beginTogether());
    } catch (error) {
      this.#cause.setFrom(error);
      this.#parts.load?.failed();
    }
  }

  /** Whether to wait for the other parts of the run. A part that resumes has done so. */
  get #waitsForParts(): boolean {
    const { plan, checkpoint } = this.#parts;
    const hasBegunBefore = checkpoint?.earlier !== undefined && hasBegun(checkpoint.earlier);
    return plan.part?.barrier !== undefined && !hasBegunBefore;
  }

  /** Waits for the other parts of the run, or for `--start-at`. */
  async #beginTogether(): Promise<void> {
    const { plan, runId, onNotice } = this.#parts;
    if (plan.part !== undefined && runId !== undefined && this.#waitsForParts && !this.#cause.known) {
      try {
        this.#barrier = await waitAtBarrier(plan.part, runId, this.#ended.signal, onNotice);
      } catch (error) {
        if (!this.#ended.signal.aborted) throw error;
      }
    }
    await this.#beginInTime(this.#startAtMs);
  }

  /** When the run begins, epoch milliseconds; undefined: at once. */
  get #startAtMs(): number | undefined {
    return this.#barrier?.startAtMs ?? this.#parts.plan.startAtMs;
  }

  /** Waits for `--start-at`, less the time that it takes to dispatch the first records. */
  async #beginInTime(startAtMs = Number.NEGATIVE_INFINITY): Promise<void> {
    while (!this.#cause.known) {
      const leftMs = startAtMs - Date.now() - this.#leadMs;
      if (leftMs <= 0) break;
      await this.#changed.wait(Math.min(leftMs, WALL_CLOCK_CHECK_MS));
    }
    // All loads of a run begin together. One as fast as possible waits for that moment, too.
    const startMs = await this.#parts.load?.begin();
    this.#begin(startMs);
    if (startMs !== undefined && !this.#isTimed) await delay(Math.max(0, startMs - nowMs()));
    this.#progress.hasBegun = true;
    this.#progress.phase = 'running';
  }

  /** Starts the schedule now, or at `--start-at`. */
  #begin(commonMs?: number): void {
    const { pool } = this.#parts;
    const startAtMs = this.#startAtMs;
    const startMs = commonMs ?? nowMs() + (startAtMs === undefined ? this.#leadMs : startAtMs - Date.now());
    this.#progress.begin(startMs);
    this.#live &&= this.#newTracker();
    this.#progress.schedule.begin(startMs);
    pool.begin(startMs);
  }

  /** Handles what the workers report. */
  #poolEvents(): PoolEvents {
    return {
      snapshot: (snapshot) => {
        this.#add(snapshot);
        this.#live?.add(snapshot);
      },
      deadLetters: (workerId, lines) =>
        this.#checkpointer === undefined
          ? this.#writeDeadLetters(lines)
          : this.#checkpointer.deadLetters(workerId, lines),
      fatal: (code, message) => this.#fail('target', `${this.#targetName} refused the run: ${code}: ${message}`),
      room: () => this.#changed.notify(),
      unsettled: (workerId, ordinals) => this.#checkpointer?.unsettled(workerId, ordinals),
      unfit: (message) => this.#fail('usage', message, RECORD_HINT),
      died: (workerId, error) => this.#fail('bug', `worker ${workerId} died: ${messageOf(error)}`),
    };
  }

  #add(snapshot: Snapshot): void {
    this.#progress.add(snapshot);
    this.#parts.load?.snapshot(snapshot);
  }

  #check(): void {
    const now = nowMs();
    const { gauges } = this.#progress;
    this.#track(now);
    this.#checkThresholds(now);
    const { targetTimeoutMs } = this.#parts.plan;
    if (silentForMs(gauges, now) < targetTimeoutMs) return;
    this.#fail(
      'target',
      `${this.#targetName} has not responded for ${formatDuration(targetTimeoutMs)}`,
      'the unsent records were read but not acknowledged; --target-timeout sets how long to wait',
    );
  }

  /** Ends the run as Ctrl-C does if a threshold asks for it. */
  #checkThresholds(now: number): void {
    const { thresholds } = this.#progress;
    this.#tickThresholds(now);
    if (thresholds.aborts === undefined || this.#cause.known) return;
    this.#cause.set('threshold', `threshold crossed: ${thresholds.aborts.text}`);
    this.stop();
    this.#parts.load?.failed();
  }

  #tickThresholds(now = nowMs()): void {
    const progress = this.#progress;
    if (progress.hasBegun) progress.thresholds.tick(progress.momentAt(now));
  }

  get #targetName(): string {
    const { stream, endpoint } = this.#parts.target.report;
    return stream === null ? 'the target' : `${this.#kind.words.target} '${stream}' at ${endpoint}`;
  }

  /** Ends the run at once: nothing more can be sent. */
  #fail(exit: 'target' | 'bug' | 'usage', reason: string, hint?: string): void {
    this.#cause.set(exit, reason, hint);
    this.#abandon();
    this.#parts.load?.failed();
  }

  #abandon(): void {
    this.#ended.abort();
    this.#progress.feed?.stop();
    this.#parts.pool.abandon();
  }

  #writeDeadLetters(lines: Uint8Array): void {
    try {
      this.#parts.deadLetters?.write(lines);
    } catch (error) {
      // The next checkpoint would count these records as settled, but their lines are lost.
      this.#checkpointer?.freeze();
      this.#cause.setFrom(error);
      this.#abandon();
      this.#parts.load?.failed();
    }
  }

  /** What the checkpointer needs from the run. */
  #checkpointed(): CheckpointedRun {
    const { plan, pool, deadLetters } = this.#parts;
    const { totals } = this.#progress;
    return {
      workers: plan.workers,
      flush: () => this.#progress.feed?.flush(),
      listUnsettled: () => pool.listUnsettled(),
      feedPosition: () => this.#feedPosition(),
      counts: () => totals,
      workerCounts: (workerId) => totals.workers.get(workerId) ?? { sent: 0, failed: 0 },
      writeDeadLetters: (lines) => this.#writeDeadLetters(lines),
      saveDeadLetters: async () => (await deadLetters?.sync()) ?? null,
      failed: (error) => {
        this.#cause.setFrom(error);
        this.#abandon();
      },
    };
  }

  #feedPosition(): FeedPosition {
    const { feed, schedule } = this.#progress;
    const { position = 0, rejectedBefore: rejected = 0, reachedEnd = false } = feed ?? {};
    const others = this.#parts.plan.part && (feed?.others ?? 0);
    return { position, rejected, others, reachedEnd: reachedEnd || schedule.isOver, scheduleMs: schedule.doneMs };
  }

  async #report(ends: readonly WorkerEnd[]): Promise<Report> {
    const { plan, input, target, checkpoint } = this.#parts;
    const { source } = input;
    const { totals, schedule, feed, startedAt, startMs, thresholds } = this.#progress;
    for (const { result } of ends) if (result !== undefined) this.#add(result.snapshot);
    this.#progress.phase = 'done';
    const endMs = nowMs();
    this.#progress.endMs = endMs;
    const finished = this.#checkpointer === undefined ? true : await this.#checkpointer.finish(ends);
    return reportOf({
      ...{ plan, source, target, schedule, feed, ends, totals, thresholds, cause: this.#cause },
      ...{ startedAt, startMs, endMs, moment: this.#progress.momentAt(endMs) },
      askedIn: (second) => this.#progress.askedIn(second),
      checkpoint: checkpoint === undefined ? null : { file: checkpoint.plan.file, finished },
      resumed: checkpoint === undefined ? null : resumedReport(checkpoint),
      part: this.#partReport(),
    });
  }

  #partReport(): PartReport | undefined {
    const { plan, runId, target } = this.#parts;
    if (plan.part === undefined || runId === undefined) return undefined;
    const { number, of, by } = plan.part;
    return { number, of, by, runId, clock: target.clock ?? null };
  }

  /** Closes everything that the run is made of. Call it for a run that is not executed. */
  async close(): Promise<void> {
    this.#barrier?.close();
    const { pool, target, deadLetters, checkpoint } = this.#parts;
    await pool.destroy();
    await target.close();
    this.#checkpointer?.close();
    deadLetters?.close();
    await checkpoint?.lock.release();
  }
}
