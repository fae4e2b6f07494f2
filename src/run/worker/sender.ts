import { backoffMs } from '../../core/backoff.js';
import type { Failure } from '../../core/failure.js';
import type { WorkerGauges } from '../../core/snapshot.js';
import { Recorder } from '../../measure/recorder.js';
import { RefusedKeys } from '../../measure/refused-keys.js';
import { leavesDoubt } from '../../send/doubt.js';
import { Reachability } from '../../send/reachability.js';
import { BATCH_ATTEMPTS_MAX, RECORD_ATTEMPTS_MAX } from '../../send/retry.js';
import type { SendResult, Target } from '../../send/target.js';
import { nowMs } from '../../system/clock.js';
import type { EmptiedPack, FromWorker, SenderTask, ToWorker } from '../between/messages.js';
import { PackedRecords } from '../between/packed-records.js';
import { Backlog } from './backlog.js';
import { createTarget } from './create-target.js';
import { DeadLetterLines } from './dead-letter-lines.js';
import { HeldPacks } from './held-packs.js';
import type { PendingRecord } from './pending-record.js';
import { rehearseSender } from './rehearsal.js';
import { SmallSet } from './small-set.js';
import { WakeTimer } from './wake-timer.js';

const SNAPSHOT_EVERY_MS = 200;
/**
 * The coordinator is told of so many settled records at once, or of so many bytes of emptied packs: to be woken costs it more
 * than it has to do, and to wake it costs 30 us here.
 */
const RELEASE_RECORDS = 4096;
const RELEASE_BYTES = 1024 * 1024;
/** How long requests that are in flight may still be answered when the run is stopped at once. */
const ABANDON_GRACE_MS = 1_000;

/** The worker's half of a run: it ends when the coordinator says that no more comes and all is sent or failed. */
export async function runSender(task: SenderTask): Promise<void> {
  return new Sender(task, await createTarget(task.target)).run();
}

/**
 * Takes packed records in, waits for their intended times, gathers them into batches, sends these, and settles each
 * record by what the service answers. Everything happens in `#pump`, which runs whenever something may have changed:
 * records came in, an answer came in, or a time was reached.
 */
class Sender {
  readonly #task: SenderTask;
  readonly #target: Target;
  readonly #packs = new HeldPacks();
  readonly #backlog: Backlog;
  readonly #attemptsMax: number;
  readonly #batchesInFlight = new SmallSet<readonly PendingRecord[]>();
  readonly #recorder: Recorder;
  readonly #refusedKeys = new RefusedKeys();
  readonly #deadLetters: DeadLetterLines | undefined;
  readonly #reachability: Reachability;
  readonly #alarm = new WakeTimer(() => this.#pump());
  readonly #ended: Promise<void>;
  #end!: () => void;
  #crash!: (bug: unknown) => void;

  #received = 0;
  #held = 0;
  /** Of these, how many had an attempt that was not answered. */
  #heldInDoubt = 0;
  /** Records that were settled, and packs that were emptied, since the coordinator was told. */
  #released = 0;
  #emptied: EmptiedPack[] = [];
  #emptiedBytes = 0;
  #paused = false;
  #phase: 'open' | 'finishing' | 'abandoned' = 'open';

  constructor(task: SenderTask, target: Target) {
    this.#task = task;
    this.#target = target;
    this.#backlog = new Backlog(task);
    this.#attemptsMax = task.maxAttempts ?? (this.#backlog.byShard ? BATCH_ATTEMPTS_MAX : RECORD_ATTEMPTS_MAX);
    this.#reachability = new Reachability(task.requestsInFlightMax);
    this.#recorder = new Recorder(task.workerId);
    this.#deadLetters = task.deadLetters ? new DeadLetterLines(task.placement.kind === 'partitions') : undefined;
    this.#ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#crash = reject;
    });
  }

  async run(): Promise<void> {
    const { port } = this.#task;
    port.on('message', (message: ToWorker) => this.#receive(message));
    const snapshots = setInterval(() => this.#report(), SNAPSHOT_EVERY_MS);
    // A target that keeps the warm-up waiting must not keep a run that is stopped.
    await Promise.race([this.#warmUp(), this.#ended]);
    this.#post({ type: 'ready' });
    try {
      await this.#ended;
    } finally {
      clearInterval(snapshots);
      this.#alarm.clear();
      this.#target.close();
    }
    this.#postDeadLetters();
    const unsentInDoubt = this.#unsentInDoubt();
    this.#recorder.inDoubt(unsentInDoubt);
    const snapshot = this.#recorder.takeSnapshot(this.#gauges());
    const unsettled = this.#packs.unsettled();
    const result = { snapshot, received: this.#received, unsent: this.#held, unsentInDoubt, unsettled };
    this.#post({ type: 'done', result });
  }

  async #warmUp(): Promise<void> {
    if (this.#task.rehearse) await rehearseSender(this.#task, runSender);
    await this.#target.warmUp();
  }

  #receive(message: ToWorker): void {
    if (message.type === 'records') {
      const { buffer, capacity, count, hasAttributes, numbered } = message;
      const records = new PackedRecords(buffer, capacity, count, hasAttributes, numbered);
      this.#received += records.count;
      this.#held += records.count;
      this.#packs.hold(this.#backlog.inbox.add(records));
    } else if (message.type === 'list-unsettled') {
      this.#report();
      this.#post({ type: 'unsettled', ordinals: this.#packs.unsettled() });
    } else if (message.type === 'begin') {
      this.#recorder.begin(message.startMs);
    } else if (message.type === 'pause') {
      this.#paused = true;
    } else if (message.type === 'resume') {
      this.#resume(message.pausedMs);
    } else if (message.type === 'finish') {
      if (this.#phase === 'open') this.#phase = 'finishing';
    } else {
      this.#abandon();
    }
    this.#pump();
  }

  #pump(): void {
    if (this.#phase === 'abandoned') return;
    const now = nowMs();
    const lastOf = this.#phase === 'finishing' ? this.#held : undefined;
    while (this.#mayHandOver(now)) {
      const batch = this.#backlog.takeBatch(now, this.#batchesInFlight.size, lastOf);
      if (batch === undefined) break;
      this.#send(batch).catch(this.#crash);
    }
    if (this.#phase === 'finishing' && this.#held === 0) this.#end();
    else this.#alarm.set(this.#nextEventMs(now), now);
  }

  #resume(pausedMs: number): void {
    this.#paused = false;
    this.#packs.delay(pausedMs);
    // What was in flight did not wait for the pause to end.
    for (const batch of this.#batchesInFlight) for (const record of batch) record.delay(-pausedMs);
  }

  #mayHandOver(now: number): boolean {
    return !this.#paused && this.#batchesInFlight.size < this.#reachability.slots && now >= this.#reachability.openAtMs;
  }

  async #send(batch: readonly PendingRecord[]): Promise<void> {
    const again = batch.some((record) => record.offered > 0);
    this.#batchesInFlight.add(batch);
    this.#reachability.asked(nowMs());
    const shardId = this.#backlog.byShard ? this.#backlog.lanes.shardId(batch[0]!) : undefined;
    const result = await this.#target.send(batch, (atMs) => this.#handedOver(batch, atMs), shardId);
    this.#batchesInFlight.delete(batch);
    this.#noteRequest(batch, result, again);
    this.#settle(batch, result);
    this.#tellReleased();
    this.#pump();
  }

  /** Counted when it happens and not with the answer: a target that is slow to answer does not look like a slow sender. */
  #handedOver(batch: readonly PendingRecord[], atMs: number): void {
    for (const record of batch) {
      if (record.offered === 0) this.#recorder.offered(record.intendedAtMs, atMs);
      else this.#recorder.offeredAgain(atMs);
      record.offered++;
    }
  }

  /** Gives each record of the batch what the service said of it. */
  #settle(batch: readonly PendingRecord[], result: SendResult): void {
    const { refusal } = result;
    // One draw for all that failed together: they wait as long, and share a request again.
    const random = Math.random();
    const backlog = this.#backlog;
    const { lane } = batch[0]!;
    if (refusal !== undefined) {
      this.#recorder.error(refusal.code, batch.length);
      let againAtMs: number | undefined;
      for (const record of batch) {
        againAtMs = this.#refused(record, refusal, undefined, result, random);
        if (againAtMs !== undefined && !backlog.byShard) backlog.retry(record, againAtMs);
      }
      // What is true of one record of such a batch is true of all.
      if (againAtMs !== undefined && backlog.byShard) backlog.resend(batch, againAtMs);
      else backlog.batchSettled(lane);
      return;
    }
    let next = 0;
    for (let index = 0; index < batch.length; index++) {
      const record = batch[index]!;
      const failure = result.failures[next];
      if (failure?.index === index) {
        next++;
        this.#recorder.error(failure.code);
        const againAtMs = this.#refused(record, failure, failure.shardId, result, random);
        if (againAtMs !== undefined) backlog.retry(record, againAtMs);
      } else {
        this.#sent(record, result, result.shardIds[index] ?? backlog.lanes.shardId(record));
      }
    }
    backlog.batchSettled(lane);
  }

  #noteRequest(batch: readonly PendingRecord[], result: SendResult, again: boolean): void {
    const { refusal, offeredAtMs, endedAtMs } = result;
    this.#recorder.request(offeredAtMs, endedAtMs, refusal === undefined, again);
    if (refusal?.kind === 'unreachable') this.#reachability.unanswered(offeredAtMs, endedAtMs, Math.random());
    else this.#reachability.answered(endedAtMs, this.#batchesInFlight.size, isFlooded(batch.length, result));
    if (refusal?.kind === 'fatal') this.#post({ type: 'fatal', code: refusal.code, message: refusal.message });
  }

  #sent(record: PendingRecord, { endedAtMs }: SendResult, shardId: string | undefined): void {
    this.#recorder.sent(record.intendedAtMs, endedAtMs, record.bytes, shardId);
    if (record.inDoubt && !this.#target.recognisesResends) this.#recorder.maybeDuplicated();
    this.#backlog.lanes.accepted(record, shardId, endedAtMs);
    this.#release(record);
  }

  /** Returns when the record may go again; undefined: it was given up, or waits in its lane. */
  #refused(
    record: PendingRecord,
    failure: Failure,
    shardId: string | undefined,
    { offered, offeredAtMs, endedAtMs }: SendResult,
    random: number,
  ): number | undefined {
    const throttled = failure.kind === 'throttled';
    if (throttled) {
      const shard = shardId ?? this.#backlog.lanes.shardId(record);
      this.#recorder.throttled(endedAtMs, shard);
      // A broker refuses a whole batch, which goes again before any other of its partition: that is pace enough.
      if (!this.#backlog.byShard) {
        this.#backlog.lanes.refused(record, endedAtMs);
        if (shard !== undefined) this.#refusedKeys.add(record, shard);
      }
    }
    if (offered && leavesDoubt(failure)) {
      if (!record.inDoubt) this.#heldInDoubt++;
      record.inDoubt = true;
    }
    if (this.#countsAsAttempt(failure, offeredAtMs)) record.attempts++;
    // What a fatal answer leaves behind was never given up on: the run ends, and it is unsent.
    if (failure.kind === 'fatal') return Number.POSITIVE_INFINITY;
    if (failure.kind === 'permanent' || record.attempts >= this.#attemptsMax) {
      this.#failed(record, failure, endedAtMs);
      return undefined;
    }
    if (failure.kind === 'unreachable' && this.#reachability.openAtMs > endedAtMs) return this.#reachability.openAtMs;
    if (!throttled || this.#backlog.byShard) return endedAtMs + backoffMs(record.attempts, random);
    this.#backlog.lanes.putBack(record, endedAtMs, random);
    return undefined;
  }

  /**
   * An attempt that nobody answered says something of the record only if the target answered others meanwhile; else
   * the target is away, which ends the run after a while and is no record's failure. Nor is it a failure to be throttled.
   * `--max-attempts` counts all.
   */
  #countsAsAttempt({ kind }: Failure, offeredAtMs: number): boolean {
    if (this.#task.maxAttempts !== undefined) return true;
    return kind === 'unreachable' ? this.#reachability.answersOthersSince(offeredAtMs) : kind !== 'throttled';
  }

  #failed(record: PendingRecord, failure: Failure, endedAtMs: number): void {
    this.#recorder.failed(endedAtMs);
    if (record.inDoubt) this.#recorder.inDoubt();
    this.#deadLetters?.add(record, failure);
    if (this.#deadLetters?.full) this.#postDeadLetters();
    this.#release(record);
  }

  #release(record: PendingRecord): void {
    this.#held--;
    this.#released++;
    if (record.inDoubt) this.#heldInDoubt--;
    if (this.#held === 0) this.#reachability.idle();
    this.#backlog.settled(record);
    const pack = record.settle();
    this.#backlog.inbox.giveBack(record);
    if (pack === undefined) return;
    this.#packs.letGo(pack);
    const { buffer, capacity, numbered } = pack.records;
    this.#emptied.push({ buffer, capacity, numbered });
    this.#emptiedBytes += buffer.byteLength;
  }

  #tellReleased(): void {
    // The lines of those that failed go first: they are on disk before more is sent.
    this.#postDeadLetters();
    if (this.#released < RELEASE_RECORDS && this.#emptiedBytes < RELEASE_BYTES && this.#held > 0) return;
    const message: FromWorker = { type: 'released', count: this.#released, emptied: this.#emptied };
    const buffers = this.#emptied.map(({ buffer }) => buffer);
    this.#task.port.postMessage(message, buffers);
    this.#released = 0;
    this.#emptied = [];
    this.#emptiedBytes = 0;
  }

  #nextEventMs(now: number): number {
    if (!this.#mayHandOver(now)) {
      // With all slots taken the next answer pumps; with the target away, the end of the pause does.
      const { openAtMs } = this.#reachability;
      return now < openAtMs && this.#batchesInFlight.size === 0 ? openAtMs : Number.POSITIVE_INFINITY;
    }
    return this.#backlog.nextEventMs;
  }

  #abandon(): void {
    if (this.#phase === 'abandoned') return;
    this.#phase = 'abandoned';
    const deadline = nowMs() + ABANDON_GRACE_MS;
    const check = setInterval(() => {
      if (this.#batchesInFlight.size > 0 && nowMs() < deadline) return;
      clearInterval(check);
      this.#end();
    }, 10);
  }

  #report(): void {
    this.#postDeadLetters();
    this.#post({ type: 'snapshot', snapshot: this.#recorder.takeSnapshot(this.#gauges()) });
  }

  #gauges(): WorkerGauges {
    return {
      held: this.#held,
      requestsInFlight: this.#batchesInFlight.size,
      slowedShards: this.#backlog.lanes.slowedCount,
      waitingForKey: this.#backlog.waitingForKey,
      refusedKeys: this.#refusedKeys.list(),
      behindMs: this.#behindMs(nowMs()),
      answeredAtMs: this.#reachability.answeredAtMs,
      unansweredSinceMs: this.#reachability.unansweredSinceMs,
    };
  }

  /** A record without a schedule is never behind it. */
  #behindMs(now: number): number {
    const oldestMs = this.#backlog.oldestDueMs;
    return Number.isFinite(oldestMs) ? Math.max(0, now - oldestMs) : 0;
  }

  /** Unsent records that the stream may hold: those of which an answer was lost, and those in flight now. */
  #unsentInDoubt(): number {
    let inDoubt = this.#heldInDoubt;
    for (const batch of this.#batchesInFlight) for (const record of batch) if (!record.inDoubt) inDoubt++;
    return inDoubt;
  }

  #postDeadLetters(): void {
    const lines = this.#deadLetters?.take();
    if (lines !== undefined) this.#post({ type: 'dead-letters', lines });
  }

  #post(message: FromWorker): void {
    this.#task.port.postMessage(message);
  }
}

/** Whether a request was throttled for the most part: more requests at once would be, too. */
function isFlooded(records: number, { refusal, failures }: SendResult): boolean {
  if (refusal !== undefined) return refusal.kind === 'throttled';
  return failures.reduce((throttled, { kind }) => throttled + (kind === 'throttled' ? 1 : 0), 0) > records / 2;
}
