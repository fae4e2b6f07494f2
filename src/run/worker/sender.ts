import { backoffMs } from '../../core/backoff.js';
import type { Failure } from '../../core/failure.js';
import type { WorkerGauges } from '../../core/snapshot.js';
import { RecordError } from '../../generate/avro/avro-body.js';
import { Recorder } from '../../measure/recorder.js';
import { RefusedKeys } from '../../measure/refused-keys.js';
import { leavesDoubt } from '../../send/doubt.js';
import { Reachability } from '../../send/reachability.js';
import { nowMs } from '../../system/clock.js';
import type { TargetKind } from '../../target/kind.js';
import { targetKind } from '../../target/kinds.js';
import type { SendResult, Target } from '../../target/target.js';
import type { FromWorker, SenderTask, ToWorker } from '../between/messages.js';
import { PackedRecords } from '../between/packed-records.js';
import { Backlog } from './backlog.js';
import { DeadLetterLines } from './dead-letter-lines.js';
import { HeldPacks } from './held-packs.js';
import type { PendingRecord } from './pending-record.js';
import { rehearseSender } from './rehearsal.js';
import { SettledReports } from './settled-reports.js';
import { SmallSet } from './small-set.js';
import { WakeTimer } from './wake-timer.js';

const SNAPSHOT_EVERY_MS = 200;
/** When the run is stopped at once, requests in flight may still get their responses for this long. */
const ABANDON_GRACE_MS = 1_000;

/** Runs a sender for each load of the run. */
export async function runSenders(tasks: readonly SenderTask[]): Promise<void> {
  await Promise.all(tasks.map(runSender));
}

/** Runs a worker's task. Resolves when no more records come and all are settled, or when the run is abandoned. */
export async function runSender(task: SenderTask): Promise<void> {
  const kind = targetKind(task.target.kind);
  return new Sender(task, kind, await kind.connect(task.target)).run();
}

/**
 * Receives packed records, waits for their intended times, gathers them into batches, sends the batches, and settles
 * each record by the response. Everything happens in `#pump`, which runs whenever something may have changed: records
 * arrived, a response arrived, or a time was reached.
 */
class Sender {
  readonly #task: SenderTask;
  readonly #kind: TargetKind;
  readonly #target: Target;
  readonly #packs = new HeldPacks();
  readonly #backlog: Backlog;
  readonly #attemptsMax: number;
  readonly #batchesInFlight = new SmallSet<readonly PendingRecord[]>();
  readonly #recorder: Recorder;
  readonly #refusedKeys = new RefusedKeys();
  readonly #reports: SettledReports;
  readonly #reachability: Reachability;
  readonly #timer = new WakeTimer(() => this.#wake());
  readonly #ended: Promise<void>;
  #end!: () => void;
  #crash!: (bug: unknown) => void;

  #received = 0;
  #held = 0;
  /** Held records that had an attempt without a clear response. */
  #heldInDoubt = 0;
  #paused = false;
  /** A record could not be made. */
  #unfit = false;
  /** The turn that comes next; undefined: none is asked for. */
  #turn: NodeJS.Immediate | undefined;
  /** Responses that wait for a turn: no more than there are requests in flight. */
  readonly #responses: (() => void)[] = [];
  #phase: 'open' | 'finishing' | 'abandoned' = 'open';

  constructor(task: SenderTask, kind: TargetKind, target: Target) {
    this.#task = task;
    this.#kind = kind;
    this.#target = target;
    this.#backlog = new Backlog(task, kind);
    this.#attemptsMax = task.maxAttempts ?? kind.attemptsMax;
    this.#reachability = new Reachability(task.requestsInFlightMax, task.isTimed);
    this.#recorder = new Recorder(task.workerId);
    this.#reports = new SettledReports(task.port, task.deadLetters ? new DeadLetterLines(kind.record) : undefined);
    this.#ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#crash = reject;
    });
  }

  async run(): Promise<void> {
    const { port } = this.#task;
    port.on('message', (message: ToWorker) => this.#receive(message));
    const snapshots = setInterval(() => this.#report(), SNAPSHOT_EVERY_MS);
    // A slow warm-up must not delay a run that is stopped.
    await Promise.race([this.#warmUp(), this.#ended]);
    this.#post({ type: 'ready' });
    try {
      await this.#ended;
    } finally {
      clearInterval(snapshots);
      this.#timer.clear();
      this.#target.close();
    }
    this.#reports.reportDeadLetters();
    const unsentInDoubt = this.#unsentInDoubt();
    this.#recorder.inDoubt(unsentInDoubt);
    const snapshot = this.#recorder.takeSnapshot(this.#gauges());
    const unsettled = this.#packs.unsettled();
    const result = { snapshot, received: this.#received, unsent: this.#held, unsentInDoubt, unsettled };
    this.#post({ type: 'done', result });
  }

  async #warmUp(): Promise<void> {
    if (this.#task.isTimed) await rehearseSender(this.#task, runSender);
    await this.#target.warmUp();
  }

  #receive(message: ToWorker): void {
    if (message.type === 'records') {
      const { buffer, capacity, count, hasAttributes, numbered } = message;
      const records = new PackedRecords(buffer, capacity, count, hasAttributes, numbered);
      this.#received += records.count;
      this.#held += records.count;
      this.#packs.hold(this.#backlog.add(records));
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
    this.#wake();
  }

  /** Something may have changed: sends what may be sent now. */
  #wake(): void {
    if (!this.#task.yields) this.#pump(Number.POSITIVE_INFINITY);
    else this.#turn ??= setImmediate(() => this.#takeTurn());
  }

  /**
   * Handles one response or sends one request in each turn of the event loop, so that no other load waits for more than
   * that.
   */
  #takeTurn(): void {
    this.#turn = undefined;
    const settle = this.#responses.shift();
    if (settle === undefined) this.#pump(1);
    else settle();
    if (this.#responses.length > 0) this.#wake();
  }

  #turnForResponse(): Promise<void> {
    return new Promise((resolve) => {
      this.#responses.push(resolve);
      this.#wake();
    });
  }

  #pump(batchesMax: number): void {
    if (this.#phase === 'abandoned') return;
    const now = nowMs();
    const lastOf = this.#phase === 'finishing' ? this.#held : undefined;
    let batches = 0;
    while (batches < batchesMax && this.#maySend(now)) {
      const batch = this.#takeBatch(now, lastOf);
      if (batch === undefined) break;
      this.#send(batch).catch(this.#crash);
      batches++;
    }
    if (this.#phase === 'finishing' && this.#held === 0) this.#end();
    else if (batches === batchesMax) this.#wake();
    else this.#timer.set(this.#nextEventMs(now), now);
  }

  /** undefined: none is to be sent now, or a record could not be made, which ends the run. */
  #takeBatch(now: number, lastOf: number | undefined): readonly PendingRecord[] | undefined {
    try {
      return this.#backlog.takeBatch(now, this.#batchesInFlight.size, lastOf);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      this.#unfit = true;
      this.#post({ type: 'unfit', message: error.message });
      return undefined;
    }
  }

  #resume(pausedMs: number): void {
    this.#paused = false;
    this.#packs.delay(pausedMs);
    this.#backlog.delayTaken(pausedMs);
    // Requests in flight were not delayed by the pause.
    for (const batch of this.#batchesInFlight) for (const record of batch) record.intendedAtMs -= pausedMs;
  }

  #maySend(now: number): boolean {
    return (
      !this.#paused &&
      !this.#unfit &&
      this.#batchesInFlight.size < this.#reachability.slots &&
      now >= this.#reachability.openAtMs
    );
  }

  async #send(batch: readonly PendingRecord[]): Promise<void> {
    const again = batch.some((record) => record.offered > 0);
    this.#batchesInFlight.add(batch);
    this.#reachability.requested(nowMs());
    const shardId = this.#backlog.shardIdOfBatch(batch);
    const result = await this.#target.send(batch, (atMs) => this.#offered(batch, atMs), shardId);
    if (this.#task.yields) await this.#turnForResponse();
    this.#batchesInFlight.delete(batch);
    this.#noteRequest(batch, result, again);
    this.#settle(batch, result);
    this.#reports.report(this.#received - this.#held, this.#held);
    this.#wake();
  }

  /** Called when the request is written, not at the response: a slow target must not look like a slow sender. */
  #offered(batch: readonly PendingRecord[], atMs: number): void {
    for (const record of batch) {
      if (record.offered === 0) this.#recorder.offered(record, atMs);
      else this.#recorder.offeredAgain(atMs);
      record.offered++;
    }
  }

  /** Settles each record of the batch, or queues it for a retry, by the response. */
  #settle(batch: readonly PendingRecord[], result: SendResult): void {
    // One random number for all records of the batch: they wait equally long, and share a request again.
    const random = Math.random();
    const { shardIndex } = batch[0]!;
    if (result.refusal === undefined) this.#settleEach(batch, result, random);
    else if (this.#settleRefused(batch, result.refusal, result, random)) return;
    this.#backlog.batchSettled(shardIndex);
  }

  /** The target refused the whole batch. Returns true if the batch is sent again unchanged. */
  #settleRefused(batch: readonly PendingRecord[], refusal: Failure, result: SendResult, random: number): boolean {
    const backlog = this.#backlog;
    this.#recorder.error(refusal.code, batch.length);
    let againAtMs: number | undefined;
    for (const record of batch) {
      againAtMs = this.#refused(record, refusal, undefined, result, random);
      if (againAtMs !== undefined && !backlog.retriesWholeBatches) backlog.retry(record, againAtMs);
    }
    // All records of such a batch have had the same attempts, so the result for the last one applies to all.
    if (againAtMs === undefined || !backlog.retriesWholeBatches) return false;
    backlog.retryBatch(batch, againAtMs);
    return true;
  }

  #settleEach(batch: readonly PendingRecord[], result: SendResult, random: number): void {
    const backlog = this.#backlog;
    const { endedAtMs, failures, shardIds } = result;
    let next = 0;
    for (let index = 0; index < batch.length; index++) {
      const record = batch[index]!;
      const failure = failures[next];
      if (failure?.index === index) {
        next++;
        this.#recorder.error(failure.code);
        const againAtMs = this.#refused(record, failure, failure.shardId, result, random);
        if (againAtMs !== undefined) backlog.retry(record, againAtMs);
      } else {
        this.#sent(record, endedAtMs, shardIds[index] ?? backlog.shardIdOf(record));
      }
    }
  }

  #noteRequest(batch: readonly PendingRecord[], result: SendResult, again: boolean): void {
    const { refusal, offeredAtMs, endedAtMs } = result;
    this.#recorder.request(offeredAtMs, endedAtMs, refusal === undefined, again);
    if (refusal?.kind === 'unreachable') this.#reachability.noResponse(offeredAtMs, endedAtMs, Math.random());
    else this.#reachability.responded(endedAtMs, this.#batchesInFlight.size, isFlooded(batch.length, result));
    if (refusal?.kind === 'fatal') this.#post({ type: 'fatal', code: refusal.code, message: refusal.message });
  }

  #sent(record: PendingRecord, endedAtMs: number, shardId: string | undefined): void {
    this.#recorder.sent(record, endedAtMs, shardId);
    if (record.inDoubt && !this.#target.recognisesResends) this.#recorder.maybeDuplicated();
    this.#backlog.accepted(record, shardId, endedAtMs);
    this.#release(record);
  }

  /**
   * The target refused a record. Returns when it may be sent again; undefined if it was given up, or if the backlog
   * holds it until its shard has room.
   */
  #refused(
    record: PendingRecord,
    failure: Failure,
    shardId: string | undefined,
    { offered, offeredAtMs, endedAtMs }: SendResult,
    random: number,
  ): number | undefined {
    const throttled = failure.kind === 'throttled';
    if (throttled) {
      const shard = shardId ?? this.#backlog.shardIdOf(record);
      this.#recorder.throttled(endedAtMs, shard);
      this.#backlog.throttled(record, endedAtMs);
      if (shard !== undefined && this.#kind.hasShardLimits) this.#refusedKeys.add(record, shard);
    }
    if (offered && leavesDoubt(failure)) {
      if (!record.inDoubt) this.#heldInDoubt++;
      record.inDoubt = true;
    }
    if (this.#countsAsAttempt(failure, offeredAtMs)) record.attempts++;
    // A fatal response ends the run. Its records were not given up: they are unsent.
    if (failure.kind === 'fatal') return Number.POSITIVE_INFINITY;
    if (failure.kind === 'permanent' || record.attempts >= this.#attemptsMax) {
      this.#failed(record, failure, endedAtMs);
      return undefined;
    }
    if (failure.kind === 'unreachable' && this.#reachability.openAtMs > endedAtMs) return this.#reachability.openAtMs;
    if (!throttled || this.#backlog.retriesWholeBatches) return endedAtMs + backoffMs(record.attempts, random);
    this.#backlog.retryThrottled(record, endedAtMs, random);
    return undefined;
  }

  /**
   * Whether a failure counts toward the attempts of its records. With `--max-attempts`, all do. Otherwise a throttle
   * does not, and a lost request only does if the target responded to others meanwhile: if it did not, the target is
   * away, which ends the run after a while.
   */
  #countsAsAttempt({ kind }: Failure, offeredAtMs: number): boolean {
    if (this.#task.maxAttempts !== undefined) return true;
    return kind === 'unreachable' ? this.#reachability.respondedSince(offeredAtMs) : kind !== 'throttled';
  }

  #failed(record: PendingRecord, failure: Failure, endedAtMs: number): void {
    this.#recorder.failed(endedAtMs);
    if (record.inDoubt) this.#recorder.inDoubt();
    this.#reports.failed(record, failure);
    this.#release(record);
  }

  #release(record: PendingRecord): void {
    this.#held--;
    if (record.inDoubt) this.#heldInDoubt--;
    if (this.#held === 0) this.#reachability.idle();
    this.#backlog.settled(record);
    const pack = record.settle();
    this.#backlog.recycle(record);
    if (pack === undefined) return;
    this.#packs.release(pack);
    this.#reports.emptied(pack.records);
  }

  #nextEventMs(now: number): number {
    if (!this.#maySend(now)) {
      // The message `resume` ends a pause of the run, and with requests in flight the next response calls #pump. Only
      // the end of the wait for a target that did not respond needs the timer.
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
    this.#reports.reportDeadLetters();
    this.#post({ type: 'snapshot', snapshot: this.#recorder.takeSnapshot(this.#gauges()) });
  }

  #gauges(): WorkerGauges {
    return {
      held: this.#held,
      requestsInFlight: this.#batchesInFlight.size,
      slowedShards: this.#backlog.slowedShards,
      waitingForKey: this.#backlog.waitingForKey,
      refusedKeys: this.#refusedKeys.list(),
      behindMs: this.#backlog.behindMs(nowMs()),
      respondedAtMs: this.#reachability.respondedAtMs,
      noResponseSinceMs: this.#reachability.noResponseSinceMs,
    };
  }

  /** Unsent records that the target may hold: those with a lost response, and those in flight. */
  #unsentInDoubt(): number {
    let inDoubt = this.#heldInDoubt;
    for (const batch of this.#batchesInFlight) for (const record of batch) if (!record.inDoubt) inDoubt++;
    return inDoubt;
  }

  #post(message: FromWorker): void {
    this.#task.port.postMessage(message);
  }
}

/** True if most records of a request were throttled: more requests at once would be throttled, too. */
function isFlooded(records: number, { refusal, failures }: SendResult): boolean {
  if (refusal !== undefined) return refusal.kind === 'throttled';
  return failures.reduce((throttled, { kind }) => throttled + (kind === 'throttled' ? 1 : 0), 0) > records / 2;
}
