import type { TargetReport } from '../../core/report.js';
import type { PackSink } from '../feed/packer.js';
import type { WorkerEnd } from '../feed/worker-pool.js';
import type { Checkpoint } from './checkpoint.js';
import { isFinished, mayBeDoubled } from './checkpoint.js';
import { CheckpointFile } from './checkpoint-file.js';
import type { OpenCheckpoint } from './open-checkpoint.js';
import { Ordinals } from './ordinals.js';

/** What a checkpoint needs of the run. */
export interface CheckpointedRun {
  readonly workers: number;
  /** Hands over what is packed, so that all records below the feed's place are with the workers. */
  handOver(): void;
  /** Has each worker say what it has not settled. */
  listUnsettled(): void;
  place(): FeedPlace;
  /** This leg's, as far as its workers have told. */
  counts(): Pick<Checkpoint['records'], 'sent' | 'failed' | 'maybeDuplicated' | 'inDoubt'>;
  /** The same of one worker. */
  workerCounts(workerId: number): { readonly sent: number; readonly failed: number };
  writeDeadLetters(lines: Uint8Array): void;
  /** Brings the dead letters that were written until now to disk. */
  saveDeadLetters(): Promise<Checkpoint['deadLetters']>;
  /** A checkpoint could not be written. */
  failed(error: unknown): void;
}

/** How far the feed has come in the input. */
export interface FeedPlace {
  readonly position: number;
  readonly rejected: number;
  readonly reachedEnd: boolean;
}

/** A checkpoint that is being made: the workers are asked, and not all have answered. */
interface Round {
  readonly atMs: number;
  readonly place: FeedPlace;
  /** Records handed over until then. */
  readonly dispatched: number;
  /** What each worker that has answered has not settled. */
  readonly unsettled: Map<number, Float64Array>;
  /** Dead letters of workers that have answered: their records are not settled for this checkpoint. */
  readonly laterLines: Uint8Array[];
  sent: number;
  failed: number;
}

type Settled = Pick<Checkpoint, 'atRisk'> & { readonly unsettled: Ordinals; readonly records: Checkpoint['records'] };

const NOTHING: Checkpoint['records'] = { sent: 0, failed: 0, rejected: 0, maybeDuplicated: 0, inDoubt: 0 };

/**
 * Keeps the checkpoint file of a run: every interval, the place in the input and what the workers have not settled of all
 * that lies before it. A worker's messages come in their order, so that its answer covers all that it was given when it
 * was asked, and what it gave up meanwhile is among the dead letters.
 */
export class Checkpointer {
  readonly #open: OpenCheckpoint;
  readonly #target: TargetReport;
  readonly #run: CheckpointedRun;
  readonly #file: CheckpointFile;
  /** Records given to workers: in this leg, and until the checkpoint in force. */
  #dispatched = 0;
  #dispatchedBefore = 0;
  #round: Round | undefined;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();
  #frozen = false;

  constructor(open: OpenCheckpoint, target: TargetReport, run: CheckpointedRun) {
    this.#open = open;
    this.#target = target;
    this.#run = run;
    this.#file = new CheckpointFile(open.plan.file);
  }

  /** Writes the first checkpoint, before anything is sent. @throws KloadError `output` */
  async begin(): Promise<void> {
    const records = this.#open.earlier?.records ?? NOTHING;
    const place = { position: 0, rejected: 0, reachedEnd: false };
    await this.#save(place, { atRisk: 0, unsettled: Ordinals.none, records }, 0);
  }

  /** From now on there is one every interval. */
  start(): void {
    this.#askIn(this.#open.plan.intervalMs);
  }

  /** What is sent through it is counted in the file before a worker has it. */
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

  answered(workerId: number, ordinals: Float64Array): void {
    const round = this.#round;
    if (round === undefined) return;
    const { sent, failed } = this.#run.workerCounts(workerId);
    round.unsettled.set(workerId, ordinals);
    round.sent += sent;
    round.failed += failed;
    if (round.unsettled.size < this.#run.workers) return;
    // This notes the size of the dead-letter file before it awaits anything: later lines lie behind that.
    this.#saving = this.#saveRound(round).catch((error: unknown) => this.#giveUp(error));
    this.#endRound();
  }

  /** Writes the dead letters of a worker, or holds them until the checkpoint that they come after is complete. */
  deadLetters(workerId: number, lines: Uint8Array): void {
    if (this.#round?.unsettled.has(workerId)) this.#round.laterLines.push(lines);
    else this.#run.writeDeadLetters(lines);
  }

  /** What is in the file stays: something that a later checkpoint would take for granted did not happen. */
  freeze(): void {
    this.#frozen = true;
    clearTimeout(this.#timer);
    this.#endRound();
  }

  /**
   * Writes the last checkpoint, which is exact: at risk is only what was in flight at the end. Where a worker has died, the
   * one before it stays in force. Returns whether nothing is left to resume.
   */
  async finish(ends: readonly WorkerEnd[]): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#endRound();
    await this.#saving;
    try {
      if (this.#frozen || ends.some(({ result }) => result === undefined)) return false;
      const atRisk = ends.reduce((sum, { result }) => sum + result!.unsentInDoubt, 0);
      const lists = ends.flatMap(({ result, neverGiven }) => [result!.unsettled, ...neverGiven]);
      const counts = this.#run.counts();
      const place = this.#run.place();
      const records = this.#allLegs({ ...counts, rejected: place.rejected, inDoubt: counts.inDoubt - atRisk });
      const settled = { atRisk, unsettled: Ordinals.merged(lists), records };
      return isFinished(await this.#save(place, settled, this.#dispatched), this.#open.count);
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
    if (!this.#frozen) this.#timer = setTimeout(() => this.#ask(), delayMs);
  }

  #ask(): void {
    this.#run.handOver();
    const round = { atMs: performance.now(), place: this.#run.place(), dispatched: this.#dispatched };
    this.#round = { ...round, unsettled: new Map(), laterLines: [], sent: 0, failed: 0 };
    this.#run.listUnsettled();
  }

  #endRound(): void {
    const lines = this.#round?.laterLines ?? [];
    this.#round = undefined;
    for (const some of lines) this.#run.writeDeadLetters(some);
  }

  async #saveRound({ atMs, place, dispatched, unsettled, sent, failed }: Round): Promise<void> {
    const ordinals = Ordinals.merged([...unsettled.values()]);
    const records = this.#allLegs({ ...this.#run.counts(), sent, failed, rejected: place.rejected });
    await this.#save(place, { atRisk: ordinals.count, unsettled: ordinals, records }, dispatched);
    this.#askIn(Math.max(0, this.#open.plan.intervalMs - (performance.now() - atMs)));
  }

  /** @param dispatched records given to workers until the moment of the checkpoint */
  async #save({ position, reachedEnd }: FeedPlace, settled: Settled, dispatched: number): Promise<Checkpoint> {
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
      mayBeDoubled: earlier === undefined ? 0 : mayBeDoubled(earlier),
      deadLetters: await this.#run.saveDeadLetters(),
      ...settled,
      unsettled: settled.unsettled.followedBy(left),
    };
    const inForce = () => {
      this.#dispatchedBefore = dispatched;
    };
    await this.#file.save(checkpoint, () => this.#dispatched - dispatched, inForce);
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
