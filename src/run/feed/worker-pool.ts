import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Snapshot } from '../../core/snapshot.js';
import { keepYoungGenerationSmall } from '../../system/young-generation.js';
import type { FromWorker, SenderResult, SenderTask, ToWorker } from '../between/messages.js';
import { PACK_RECORDS_MAX, PackedRecords } from '../between/packed-records.js';
import { PackStore } from './pack-store.js';

/** Records and bytes that one worker may hold: what is queued there stays bounded however slow the target is. */
const HELD_RECORDS_MAX = 32_768;
/** Over all workers; each may hold at least the largest record there is. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;
const HELD_BYTES_MIN = 12 * 1024 * 1024;
/** A worker that had no room has room again below this share of what it may hold: full packs, instead of many small ones. */
const ROOM_AGAIN = 0.75;
const LAST_WORD_MS = 5_000;
/** Packs of each size that are kept for the next ones, for each worker: as many full ones as it may hold. */
const SPARE_MAX = HELD_RECORDS_MAX / PACK_RECORDS_MAX;

export interface PoolEvents {
  snapshot(snapshot: Snapshot): void;
  deadLetters(workerId: number, lines: Uint8Array): void;
  fatal(code: string, message: string): void;
  /** A worker has room again. */
  room(): void;
  /** A worker's thread ended before its time. */
  died(workerId: number, error: Error): void;
  /** What a worker holds of all that it was given before it was asked. */
  unsettled(workerId: number, ordinals: Float64Array): void;
}

/** How a worker ended. */
export interface WorkerEnd {
  readonly workerId: number;
  /** All records that it was given. */
  readonly dispatched: number;
  /** Its last word; undefined when it died. */
  readonly result: SenderResult | undefined;
  /** The ordinals of the records that it was not given any more, for the run had ended. */
  readonly neverDispatched: readonly Float64Array[];
}

/** The worker threads of a run: each does one task, as long as the run, and is fed through a port of its own. */
export class WorkerPool {
  readonly #piscina: Piscina<SenderTask, void>;
  readonly #channels: WorkerChannel[] = [];
  /** Resolves with undefined when the worker dies. */
  readonly #ends: Promise<SenderResult | undefined>[] = [];
  readonly #packs: PackStore;

  /**
   * Starts `workers` threads.
   *
   * @param numbered whether records keep their ordinals
   * @param filename the module that the threads run
   */
  constructor(workers: number, numbered: boolean, filename = createRequire(import.meta.url).resolve('#sender')) {
    this.#packs = new PackStore(SPARE_MAX * workers, numbered);
    this.#piscina = new Piscina({
      filename,
      minThreads: workers,
      maxThreads: workers,
      // Piscina's own way of waiting for work would freeze the sockets and timers of a worker.
      atomics: 'disabled',
      // What a worker holds is bounded by its queue: a larger young generation would cost memory and gain no speed.
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
  }

  /**
   * Begins the workers' tasks and waits until each is ready or has died.
   *
   * @param taskOf the task of a worker, but for its port
   */
  async start(taskOf: (workerId: number) => Omit<SenderTask, 'port'>, events: PoolEvents): Promise<void> {
    const workers = this.#piscina.options.maxThreads;
    const bytesMax = Math.max(HELD_BYTES_MIN, Math.floor(HELD_BYTES_MAX / workers));
    const ready: Promise<unknown>[] = [];
    for (let workerId = 0; workerId < workers; workerId++) {
      const { port1, port2 } = new MessageChannel();
      const channel = new WorkerChannel(workerId, port1, bytesMax, events, (records) => this.#packs.keep(records));
      const task = this.#piscina.run({ ...taskOf(workerId), port: port2 }, { transferList: [port2] });
      // The last word may still be on its way when the task has ended.
      const died = task
        .then(() => delay(LAST_WORD_MS, undefined, { ref: false }))
        .then(() => Promise.reject(new Error('its task ended without a last word')))
        .catch((error: Error) => (channel.isDone ? undefined : events.died(workerId, error)));
      this.#channels.push(channel);
      // A worker's last word comes through its port, behind everything that it said before.
      this.#ends.push(Promise.race([channel.done, died.then(() => undefined)]));
      ready.push(Promise.race([channel.ready, died]));
    }
    await Promise.all(ready);
    keepYoungGenerationSmall();
  }

  begin(startMs: number): void {
    for (const channel of this.#channels) channel.post({ type: 'begin', startMs });
  }

  /** Waits for all workers to end, of themselves or by a crash. */
  async ended(): Promise<WorkerEnd[]> {
    const results = await Promise.all(this.#ends);
    return results.map((result, workerId) => {
      const { dispatched, neverDispatched } = this.#channels[workerId]!;
      return { workerId, dispatched, result, neverDispatched };
    });
  }

  hasRoom(worker: number): boolean {
    return this.#channels[worker]!.hasRoom;
  }

  /** An empty pack with room for a record of `bytes`. */
  emptyPack(bytes: number): PackedRecords {
    return this.#packs.empty(bytes);
  }

  send(worker: number, records: PackedRecords): void {
    this.#channels[worker]!.send(this.#packs.fitted(records));
  }

  pause(): void {
    for (const channel of this.#channels) channel.post({ type: 'pause' });
  }

  /** @param pausedMs for how long the schedule stood still */
  resume(pausedMs: number): void {
    for (const channel of this.#channels) channel.post({ type: 'resume', pausedMs });
  }

  /** Asks each worker for what it has not settled. */
  listUnsettled(): void {
    for (const channel of this.#channels) channel.post({ type: 'list-unsettled' });
  }

  /** No more records come: the workers send what they hold, and end. */
  finish(): void {
    for (const channel of this.#channels) channel.post({ type: 'finish' });
  }

  /** The workers end at once. */
  abandon(): void {
    for (const channel of this.#channels) channel.abandon();
  }

  async destroy(): Promise<void> {
    for (const channel of this.#channels) channel.close();
    await this.#piscina.destroy();
  }
}

/** The coordinator's end of one worker, with its credit. */
class WorkerChannel {
  readonly ready: Promise<void>;
  readonly done: Promise<SenderResult>;
  isDone = false;
  readonly #workerId: number;
  readonly #port: MessagePort;
  readonly #heldBytesMax: number;
  readonly #events: PoolEvents;
  readonly #keep: (records: PackedRecords) => void;
  /** All records that the worker was given. */
  dispatched = 0;
  /** What came for the worker after it was told to end. */
  readonly neverDispatched: Float64Array[] = [];
  #abandoned = false;
  #heldRecords = 0;
  #heldBytes = 0;
  #wasFull = false;
  #markReady!: () => void;
  #markDone!: (result: SenderResult) => void;

  constructor(
    workerId: number,
    port: MessagePort,
    heldBytesMax: number,
    events: PoolEvents,
    keep: (records: PackedRecords) => void,
  ) {
    this.#workerId = workerId;
    this.#port = port;
    this.#heldBytesMax = heldBytesMax;
    this.#events = events;
    this.#keep = keep;
    this.ready = new Promise((resolve) => {
      this.#markReady = resolve;
    });
    this.done = new Promise((resolve) => {
      this.#markDone = resolve;
    });
    port.on('message', (message: FromWorker) => this.#receive(message));
  }

  get hasRoom(): boolean {
    if (this.#heldRecords >= HELD_RECORDS_MAX || this.#heldBytes >= this.#heldBytesMax) this.#wasFull = true;
    return !this.#wasFull;
  }

  send(records: PackedRecords): void {
    const { buffer, capacity, count, hasAttributes, numbered } = records;
    this.dispatched += count;
    if (this.#abandoned) {
      const ordinals = new Float64Array(count);
      this.neverDispatched.push(ordinals.subarray(0, records.listUnsettled(ordinals, 0)));
      return;
    }
    this.#heldRecords += count;
    this.#heldBytes += buffer.byteLength;
    const message: ToWorker = { type: 'records', buffer, capacity, count, hasAttributes, numbered };
    this.#port.postMessage(message, [buffer]);
  }

  post(message: ToWorker): void {
    this.#port.postMessage(message);
  }

  abandon(): void {
    this.#abandoned = true;
    this.post({ type: 'abandon' });
  }

  close(): void {
    this.#port.close();
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.#markReady();
        break;
      case 'released':
        this.#heldRecords -= message.count;
        for (const { buffer, capacity, numbered } of message.emptied) {
          this.#heldBytes -= buffer.byteLength;
          this.#keep(new PackedRecords(buffer, capacity, 0, false, numbered));
        }
        this.#roomGrew();
        break;
      case 'snapshot':
        this.#events.snapshot(message.snapshot);
        break;
      case 'dead-letters':
        this.#events.deadLetters(this.#workerId, message.lines);
        break;
      case 'unsettled':
        this.#events.unsettled(this.#workerId, message.ordinals);
        break;
      case 'fatal':
        this.#events.fatal(message.code, message.message);
        break;
      case 'done':
        this.isDone = true;
        this.#markDone(message.result);
        break;
    }
  }

  #roomGrew(): void {
    if (!this.#wasFull || this.#heldRecords > HELD_RECORDS_MAX * ROOM_AGAIN) return;
    if (this.#heldBytes > this.#heldBytesMax * ROOM_AGAIN) return;
    this.#wasFull = false;
    this.#events.room();
  }
}
