import type { InputPlan, RunPlan } from '../config/run-plan.js';
import { messageOf } from '../core/errors.js';
import type { LiveView, RunControls, RunPhase } from '../core/live.js';
import type { Source } from '../core/record.js';
import type { CapacityReport, FileReading } from '../core/report.js';
import type { WorkerGauges } from '../core/snapshot.js';
import { formatDuration } from '../core/units.js';
import { Totals } from '../measure/totals.js';
import { capacityOf, shortageText } from '../report/capacity.js';
import { Router } from '../route/router.js';
import { Schedule } from '../schedule/schedule.js';
import { nowMs } from '../system/clock.js';
import type { OpenTarget, TargetKind } from '../target/kind.js';
import { targetKind } from '../target/kinds.js';
import type { SenderTask } from './between/messages.js';
import { type CheckpointedRun, Checkpointer, type FeedPlace } from './checkpoint/checkpointer.js';
import type { DeadLetterFile } from './checkpoint/dead-letter-file.js';
import { type OpenCheckpoint, resumedReport, resumedText, resumptionOf } from './checkpoint/open-checkpoint.js';
import { AutoResetEvent } from './feed/auto-reset-event.js';
import { Feed } from './feed/feed.js';
import { rehearseFeed } from './feed/rehearsal.js';
import type { WorkerEnd, WorkerPool } from './feed/worker-pool.js';
import { LiveRates } from './live/live-rates.js';
import { liveView, scheduleText } from './live/live-view.js';
import { noticeOf } from './live/notice.js';
import { silentForMs } from './live/silence.js';
import { EndCause } from './outcome.js';
import { type RunResult, resultOf } from './run-result.js';

/** The first records are due this long after the workers are ready: time to hand them over. */
const START_LEAD_MS = 60;
const SILENCE_CHECK_MS = 250;
/** The wall clock may be set while it is waited for. */
const WALL_CLOCK_CHECK_MS = 1000;

/** One run: source → schedule → route → (workers: batch → send → measure) → report. */
export class Run implements RunControls {
  readonly #plan: RunPlan;
  readonly #source: Source;
  readonly #inputLabel: string;
  readonly #kind: TargetKind;
  readonly #target: OpenTarget;
  readonly #deadLetters: DeadLetterFile | undefined;
  readonly #checkpoint: OpenCheckpoint | undefined;
  readonly #checkpointer: Checkpointer | undefined;
  readonly #pool: WorkerPool;

  readonly #changed = new AutoResetEvent();
  readonly #totals = new Totals();
  readonly #rates: LiveRates;
  readonly #cause = new EndCause();
  readonly #startedAt = new Date();
  #startMs = nowMs();
  readonly #schedule: Schedule;
  #feed: Feed | undefined;
  #phase: RunPhase = 'starting';
  #stops = 0;
  #drainTimer: NodeJS.Timeout | undefined;

  constructor(
    plan: RunPlan,
    source: Source,
    inputLabel: string,
    target: OpenTarget,
    deadLetters: DeadLetterFile | undefined,
    checkpoint: OpenCheckpoint | undefined,
    pool: WorkerPool,
  ) {
    this.#plan = plan;
    this.#source = source;
    this.#inputLabel = inputLabel;
    this.#kind = targetKind(plan.target.kind);
    this.#target = target;
    this.#deadLetters = deadLetters;
    this.#checkpoint = checkpoint;
    // A run of which nothing is left keeps the file as it is.
    if (checkpoint?.finished === false) {
      this.#checkpointer = new Checkpointer(checkpoint, target.report, this.#checkpointed());
    }
    this.#pool = pool;
    this.#rates = new LiveRates(target.shardIds, this.#kind.hasShardLimits);
    this.#schedule = new Schedule(plan.schedule, this.#startMs);
  }

  /** Runs to the end, whatever that is: what went wrong on the way is in the report. To be called once. */
  async execute(): Promise<RunResult> {
    const silence = setInterval(() => this.#checkSilence(), SILENCE_CHECK_MS);
    this.#target.onCrash((error) =>
      this.#fail('bug', `a bug in kload: the embedded emulator crashed: ${error.message}`),
    );
    try {
      await this.#checkpointer?.begin();
      await Promise.all([this.#startWorkers(), this.#isTimed && rehearseFeed(this.#plan.workers)]);
      if (this.#checkpoint?.finished !== true) await this.#feedAll();
      this.#pool.finish();
      return await this.#result(await this.#pool.ended());
    } finally {
      clearInterval(silence);
      clearTimeout(this.#drainTimer);
      await this.#pool.destroy();
      await this.#target.close();
      this.#checkpointer?.close();
      this.#deadLetters?.close();
      await this.#checkpoint?.lock.release();
    }
  }

  /** The first call stops reading and drains for at most the drain timeout, the second stops at once. */
  stop(): void {
    this.#stops++;
    this.#cause.set('interrupted', 'interrupted');
    if (this.#schedule.paused) this.togglePause();
    if (this.#stops > 1) {
      this.#abandon();
    } else {
      this.#feed?.stop();
      this.#drainTimer = setTimeout(() => this.#abandon(), this.#plan.drainTimeoutMs);
    }
  }

  togglePause(): void {
    if (this.#schedule.paused) {
      // What was packed before the pause has the times from before it, which the workers move.
      this.#feed?.flush();
      this.#pool.resume(this.#schedule.resume(nowMs()));
    } else {
      this.#schedule.pause(nowMs());
      this.#pool.pause();
    }
    this.#changed.set();
  }

  scaleRate(factor: number): void {
    this.#schedule.scaleRate(factor);
    this.#changed.set();
  }

  /** What a run that goes on tells of the legs before it; undefined for one that begins. */
  get resumedText(): string | undefined {
    return this.#checkpoint && resumedText(this.#checkpoint);
  }

  /** How the files are read, as far as that is known. */
  get files(): readonly FileReading[] {
    return this.#source.found.files;
  }

  /** The run as it stands. */
  view(): LiveView {
    const now = nowMs();
    this.#rates.sample(this.#totals, now);
    const feed = this.#feed;
    const capacity = capacityOf(this.#target.report, this.#schedule.asked(), this.#totals) ?? null;
    return liveView(
      {
        phase: this.#phase === 'running' && this.#schedule.paused ? 'paused' : this.#phase,
        elapsedMs: Math.max(0, now - this.#startMs),
        target: this.#target.report,
        rpsTarget: this.#schedule.rps,
        schedule: scheduleText(this.#plan.schedule, this.#schedule.rps),
        input: this.#source.found.unwrapped ? `unwrapped ${this.#inputLabel}` : this.#inputLabel,
        capacity,
        notice: this.#notice(now, capacity),
        read: feed?.read ?? 0,
        skipped: feed?.skipped ?? 0,
        rejected: feed?.rejected ?? 0,
        inputProgress: this.#source.progress(feed?.blockShare ?? 0),
        count: this.#plan.count,
        scheduleMs: Math.max(0, this.#schedule.elapsedAt(now)),
        durationMs: this.#plan.durationMs,
      },
      this.#totals,
      this.#rates,
    );
  }

  /** As fast as possible, no record is ever late. */
  get #isTimed(): boolean {
    return this.#plan.schedule.kind !== 'as-fast-as-possible';
  }

  /** As fast as possible, nothing is ever due later: the run begins at once. */
  get #leadMs(): number {
    return this.#isTimed ? START_LEAD_MS : 0;
  }

  async #startWorkers(): Promise<void> {
    const plan = this.#plan;
    const target = this.#target;
    const taskOf = (workerId: number): Omit<SenderTask, 'port'> => ({
      workerId,
      workers: plan.workers,
      target: target.config,
      limits: {
        batchRecordsMax: plan.batchSize,
        batchBytesMax: target.batchBytesMax,
      },
      recordOverheadBytes: target.recordOverheadBytes,
      lingerMs: plan.lingerMs,
      ordered: plan.ordered,
      requestsInFlightMax: shareOf(plan.requestsInFlightMax, plan.workers, workerId),
      maxAttempts: plan.maxAttempts,
      deadLetters: plan.deadLetter !== undefined,
      rehearse: this.#isTimed,
    });
    await this.#pool.start(taskOf, {
      snapshot: (snapshot) => this.#totals.add(snapshot),
      deadLetters: (workerId, lines) =>
        this.#checkpointer === undefined
          ? this.#writeDeadLetters(lines)
          : this.#checkpointer.deadLetters(workerId, lines),
      fatal: (code, message) => this.#fail('target', `${this.#targetName} refused the run: ${code}: ${message}`),
      room: () => this.#changed.set(),
      unsettled: (workerId, ordinals) => this.#checkpointer?.answered(workerId, ordinals),
      died: (workerId, error) => this.#fail('bug', `worker ${workerId} died: ${messageOf(error)}`),
    });
  }

  async #feedAll(): Promise<void> {
    const plan = this.#plan;
    const target = this.#target;
    this.#begin();
    const { partitionKey, ordered, skipBadRecords, count, durationMs } = plan;
    const { attributes, attributesCount, keyless } = this.#kind.record;
    const keepsAttributes = attributes === 'headers' || partitionKey === undefined || namesHashKeys(plan.input);
    const options = {
      partitionKey,
      spread: plan.spread === 'even' ? target.spread?.() : undefined,
      keepsAttributes,
      attributesCount,
      keyless,
      ordered,
      skipBadRecords,
      count,
      durationMs,
      recordBytesMax: target.recordBytesMax,
      resumption: this.#checkpoint && resumptionOf(this.#checkpoint),
    };
    const sink = this.#checkpointer?.counting(this.#pool) ?? this.#pool;
    this.#feed = new Feed(this.#schedule, new Router(plan.workers), sink, plan.workers, this.#changed, options);
    this.#checkpointer?.start();
    this.#phase = plan.startAtMs === undefined ? 'running' : 'waiting';
    if (this.#cause.known) this.#feed.stop();
    try {
      await this.#feed.run(this.#source, () => this.#beginInTime(plan.startAtMs));
    } catch (error) {
      this.#cause.setFrom(error);
    }
    this.#phase = 'draining';
  }

  /** Waits for the moment of the wall clock that was asked for, up to the time that it takes to hand records over. */
  async #beginInTime(startAtMs = Number.NEGATIVE_INFINITY): Promise<void> {
    while (!this.#cause.known) {
      const leftMs = startAtMs - Date.now() - this.#leadMs;
      if (leftMs <= 0) break;
      await this.#changed.wait(Math.min(leftMs, WALL_CLOCK_CHECK_MS));
    }
    this.#begin();
    this.#phase = 'running';
  }

  /** The run begins, or has yet to begin with the first record: all times count from now on. */
  #begin(): void {
    const { startAtMs } = this.#plan;
    this.#startMs = nowMs() + (startAtMs === undefined ? this.#leadMs : startAtMs - Date.now());
    this.#schedule.begin(this.#startMs);
    this.#pool.begin(this.#startMs);
  }

  /** Nothing more can be sent: the run ends with what it has. */
  #fail(exit: 'target' | 'bug' | 'output', reason: string, hint?: string): void {
    this.#cause.set(exit, reason, hint);
    this.#abandon();
  }

  #abandon(): void {
    this.#feed?.stop();
    this.#pool.abandon();
  }

  #writeDeadLetters(lines: Uint8Array): void {
    try {
      this.#deadLetters?.write(lines);
    } catch (error) {
      // They would be settled for the next checkpoint, and their lines are lost.
      this.#checkpointer?.freeze();
      this.#cause.setFrom(error);
      this.#abandon();
    }
  }

  #checkSilence(): void {
    const { targetTimeoutMs } = this.#plan;
    if (silentForMs(this.#gauges, nowMs()) < targetTimeoutMs) return;
    this.#fail(
      'target',
      `${this.#targetName} has answered nothing for ${formatDuration(targetTimeoutMs)}`,
      'the unsent records were read but never acknowledged; --target-timeout sets how long to wait',
    );
  }

  /** How the workers stood at their last snapshots. */
  get #gauges(): WorkerGauges[] {
    return [...this.#totals.workers.values()].map(({ gauges }) => gauges);
  }

  get #targetName(): string {
    const { stream, endpoint } = this.#target.report;
    return stream === null ? 'the target' : `${this.#kind.words.target} '${stream}' at ${endpoint}`;
  }

  #notice(nowMs: number, capacity: CapacityReport | null): string | undefined {
    const what = this.#plan.schedule.kind === 'recorded' ? 'recording' : 'schedule';
    return noticeOf({
      phase: this.#phase,
      nowMs,
      startMs: this.#startMs,
      startAtMs: this.#plan.startAtMs,
      gauges: this.#gauges,
      shortage: shortageText(capacity),
      targetTimeoutMs: this.#plan.targetTimeoutMs,
      waitsForRoom: this.#feed?.waitsForRoom ?? false,
      follows: this.#isTimed && !this.#schedule.paused ? what : undefined,
      feedBehindMs: this.#feed?.behindMs(nowMs) ?? 0,
      nextDueInMs: this.#feed?.dueInMs(nowMs) ?? 0,
      stopping: this.#stops > 0,
      passing: this.#feed?.leftOfEarlierLegs ?? 0,
    });
  }

  #place(): FeedPlace {
    const { position = 0, rejectedBefore: rejected = 0, reachedEnd = false } = this.#feed ?? {};
    return { position, rejected, reachedEnd };
  }

  /** What a checkpoint asks of the run. */
  #checkpointed(): CheckpointedRun {
    return {
      workers: this.#plan.workers,
      handOver: () => this.#feed?.flush(),
      listUnsettled: () => this.#pool.listUnsettled(),
      place: () => this.#place(),
      counts: () => this.#totals,
      workerCounts: (workerId) => this.#totals.workers.get(workerId) ?? { sent: 0, failed: 0 },
      writeDeadLetters: (lines) => this.#writeDeadLetters(lines),
      saveDeadLetters: async () => (await this.#deadLetters?.sync()) ?? null,
      failed: (error) => {
        this.#cause.setFrom(error);
        this.#abandon();
      },
    };
  }

  async #result(ends: readonly WorkerEnd[]): Promise<RunResult> {
    for (const { result } of ends) if (result !== undefined) this.#totals.add(result.snapshot);
    this.#phase = 'done';
    const endMs = nowMs();
    const checkpoint = this.#checkpoint;
    const finished = this.#checkpointer === undefined ? true : await this.#checkpointer.finish(ends);
    return resultOf({
      plan: this.#plan,
      source: this.#source,
      target: this.#target,
      schedule: this.#schedule,
      feed: this.#feed,
      ends,
      totals: this.#totals,
      cause: this.#cause,
      startedAt: this.#startedAt,
      startMs: this.#startMs,
      endMs,
      checkpoint: checkpoint === undefined ? null : { file: checkpoint.plan.file, finished },
      resumed: checkpoint === undefined ? null : resumedReport(checkpoint),
    });
  }
}

/** One partition key for all is one shard for all, whatever a record brings: unless the user asks for the hash keys, too. */
function namesHashKeys(input: InputPlan): boolean {
  return input.kind === 'files' && input.explicitHashKeyField !== undefined;
}

/** `total` split as evenly as it goes, at least one each. */
function shareOf(total: number, workers: number, workerId: number): number {
  return Math.max(1, Math.floor(total / workers) + (workerId < total % workers ? 1 : 0));
}
