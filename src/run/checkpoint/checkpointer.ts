import type { TargetReport } from '../../core/report.js';
import type { PackSink } from '../feed/packer.js';
import type { WorkerEnd } from '../feed/worker-pool.js';
import type { Checkpoint } from './checkpoint.js';
import { isFinished, mayBeDoubled } from './checkpoint.js';
import { CheckpointFile } from './checkpoint-file.js';
import type { OpenCheckpoint } from './open-checkpoint.js';
import { Ordinals } from './ordinals.js';

/** What a checkpoint needs from the run. */
export interface CheckpointedRun {
  readonly workers: number;
  /** Dispatches all packed records, so that the workers have every record before the feed's position. */
  flush(): void;
  /** Asks each worker which records it has not settled. Each reports them to `Checkpointer.unsettled`. */
  listUnsettled(): void;
  feedPosition(): FeedPosition;
  /** What the workers of this leg have reported. */
  counts(): Pick<Checkpoint['records'], 'sent' | 'failed' | 'maybeDuplicated' | 'inDoubt'>;
  /** What one worker has reported. */
  workerCounts(workerId: number): { readonly sent: number; readonly failed: number };
  writeDeadLetters(lines: Uint8Array): void;
  /** Syncs to disk the dead letters that were written before the call. */
  saveDeadLetters(): Promise<Checkpoint['deadLetters']>;
  /** A checkpoint could not be written. */
  failed(error: unknown): void;
}

/** How far the feed has read the input. */
export interface FeedPosition {
  /** The ordinal of the next record. */
  readonly position: number;
  readonly rejected: number;
  /** Records that other parts of the run send; undefined: the run is not split. */
  readonly others: number | undefined;
  /** Nothing is left to read, or the rate of the run has ended. */
  readonly reachedEnd: boolean;
  /** How much of the schedule is done: the next record is due then. */
  readonly scheduleMs: number;
}

/** A checkpoint in the making: the workers were asked for their unsettled records, and not all have responded. */
interface Round {
  readonly atMs: number;
  readonly feed: FeedPosition;
  /** Records dispatched before `atMs`. */
  readonly dispatched: number;
  /** The unsettled records of each worker that has responded. */
  readonly unsettled: Map<number, Float64Array>;
  /** Dead letters that a worker sent after its response. For this checkpoint, their records are unsettled. */
  readonly laterLines: Uint8Array[];
  sent: number;
  failed: number;
}

type Settled = Pick<Checkpoint, 'atRisk'> & { readonly unsettled: Ordinals; readonly records: Checkpoint['records'] };

const NOTHING: Checkpoint['records'] = { sent: 0, failed: 0, rejected: 0, maybeDuplicated: 0, inDoubt: 0 };

/**
 * Writes the checkpoint file of a run: once an interval, the position in the input and the records before it that the
 * workers have not settled. The messages of a worker arrive in order. So its response covers all records that were
 * dispatched to it before it was asked, and the dead letters of those it gave up until then have arrived.
 */
export class Checkpointer {
  readonly #open: OpenCheckpoint;
  readonly #target: TargetReport;
  readonly #run: CheckpointedRun;
  readonly #file: CheckpointFile;
  /** Records dispatched in this leg, and how many of these were dispatched before the current checkpoint. */
  #dispatched = 0;
  #dispatchedBefore = 0;
  #round: Round | undefined;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();
  #frozen = false;
  /** The run has ended: only the last checkpoint is still to be written. */
  #ending = false;

  constructor(open: OpenCheckpoint, target: TargetReport, run: CheckpointedRun) {
    this.#open = open;
    this.#target = target;
    this.#run = run;
    this.#file = new CheckpointFile(open.plan.file);
  }

  /** Writes the first checkpoint, before anything is sent. @throws KloadError `output` */
  async begin(): Promise<void> {
    const records = this.#open.earlier?.records ?? NOTHING;
    const feed = {
      position: 0,
      rejected: 0,
      others: undefined,
      reachedEnd: false,
      scheduleMs: this.#open.earlier?.scheduleMs ?? 0,
    };
    await this.#save(feed, { atRisk: 0, unsettled: Ordinals.none, records }, 0);
  }

  /** Starts to write a checkpoint every interval. */
  start(): void {
    this.#askIn(this.#open.plan.intervalMs);
  }

  /** Returns a sink that counts records in the file, and then dispatches them to `sink`. */
  counting(sink: PackSink): PackSink {
    return {
      hasRoom: (worker) => sink.hasRoom(worker),
      emptyPack: (bytes) => sink.emptyPack(bytes),
      send: (worker, records) => {
        this.#dispatched += records.count;
        this.#noteDispatched();
        sink.send(worker, records);
      },
    };
  }

  /** A worker has responded with the ordinals of its unsettled records. */
  unsettled(workerId: number, ordinals: Float64Array): void {
    const round = this.#round;
    if (round === undefined) return;
    const { sent, failed } = this.#run.workerCounts(workerId);
    round.unsettled.set(workerId, ordinals);
    round.sent += sent;
    round.failed += failed;
    if (round.unsettled.size < this.#run.workers) return;
    // This reads the size of the dead-letter file before it awaits anything, so later lines come after that position.
    this.#saving = this.#saveRound(round).catch((error: unknown) => this.#giveUp(error));
    this.#endRound();
  }

  /** Writes the dead letters of a worker. Those that come after its response wait until all workers have responded. */
  deadLetters(workerId: number, lines: Uint8Array): void {
    if (this.#round?.unsettled.has(workerId)) this.#round.laterLines.push(lines);
    else this.#run.writeDeadLetters(lines);
  }

  /** Stops writing checkpoints: another one would count records as settled whose dead letters could not be written. */
  freeze(): void {
    this.#frozen = true;
    clearTimeout(this.#timer);
    this.#endRound();
  }

  /**
   * Writes the last checkpoint. It is exact: only records that were in flight at the end are at risk. If a worker has
   * died, the previous checkpoint stays current. Returns true if nothing is left to resume.
   */
  async finish(ends: readonly WorkerEnd[]): Promise<boolean> {
    this.#ending = true;
    clearTimeout(this.#timer);
    this.#endRound();
    await this.#saving;
    try {
      if (this.#frozen || ends.some(({ result }) => result === undefined)) return false;
      const atRisk = ends.reduce((sum, { result }) => sum + result!.unsentInDoubt, 0);
      const lists = ends.flatMap(({ result, neverDispatched }) => [result!.unsettled, ...neverDispatched]);
      const counts = this.#run.counts();
      const feed = this.#run.feedPosition();
      const records = this.#allLegs({ ...counts, rejected: feed.rejected, inDoubt: counts.inDoubt - atRisk });
      const settled = { atRisk, unsettled: Ordinals.merged(lists), records };
      return isFinished(await this.#save(feed, settled, this.#dispatched), this.#open.count);
    } catch (error) {
      this.#giveUp(error);
      return false;
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#file.close();
  }

  #askIn(delayMs: number): void {
    if (!this.#frozen && !this.#ending) this.#timer = setTimeout(() => this.#ask(), delayMs);
  }

  #ask(): void {
    this.#run.flush();
    const round = { atMs: performance.now(), feed: this.#run.feedPosition(), dispatched: this.#dispatched };
    this.#round = { ...round, unsettled: new Map(), laterLines: [], sent: 0, failed: 0 };
    this.#run.listUnsettled();
  }

  #endRound(): void {
    const lines = this.#round?.laterLines ?? [];
    this.#round = undefined;
    for (const some of lines) this.#run.writeDeadLetters(some);
  }

  async #saveRound({ atMs, feed, dispatched, unsettled, sent, failed }: Round): Promise<void> {
    const ordinals = Ordinals.merged([...unsettled.values()]);
    const records = this.#allLegs({ ...this.#run.counts(), sent, failed, rejected: feed.rejected });
    await this.#save(feed, { atRisk: ordinals.count, unsettled: ordinals, records }, dispatched);
    this.#askIn(Math.max(0, this.#open.plan.intervalMs - (performance.now() - atMs)));
  }

  /** @param dispatched records that were dispatched before the moment of the checkpoint */
  async #save(
    { position, others, reachedEnd, scheduleMs }: FeedPosition,
    settled: Settled,
    dispatched: number,
  ): Promise<Checkpoint> {
    const { plan, files, earlier } = this.#open;
    const left = earlier?.unsettled.from(position) ?? Ordinals.none;
    const { kind, stream, endpoint, region } = this.#target;
    const checkpoint: Checkpoint = {
      savedAt: new Date().toISOString(),
      files,
      options: plan.options,
      target: { kind, stream, endpoint, region },
      dispatched: 0,
      legs: (earlier?.legs ?? 0) + 1,
      next: Math.max(position, earlier?.next ?? 0),
      inputEnded: reachedEnd,
      ...((others ?? earlier?.others) !== undefined && { others: (earlier?.others ?? 0) + (others ?? 0) }),
      scheduleMs,
      mayBeDoubled: earlier === undefined ? 0 : mayBeDoubled(earlier),
      deadLetters: await this.#run.saveDeadLetters(),
      ...settled,
      unsettled: settled.unsettled.followedBy(left),
    };
    const onCurrent = () => {
      this.#dispatchedBefore = dispatched;
    };
    await this.#file.save(checkpoint, () => this.#dispatched - dispatched, onCurrent);
    return checkpoint;
  }

  #noteDispatched(): void {
    if (this.#frozen) return;
    try {
      this.#file.noteDispatched(this.#dispatched - this.#dispatchedBefore);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #giveUp(error: unknown): void {
    this.freeze();
    this.#run.failed(error);
  }

  #allLegs(records: Checkpoint['records']): Checkpoint['records'] {
    const earlier = this.#open.earlier?.records ?? NOTHING;
    return {
      sent: earlier.sent + records.sent,
      failed: earlier.failed + records.failed,
      rejected: earlier.rejected + records.rejected,
      maybeDuplicated: earlier.maybeDuplicated + records.maybeDuplicated,
      inDoubt: earlier.inDoubt + records.inDoubt,
    };
  }
}
