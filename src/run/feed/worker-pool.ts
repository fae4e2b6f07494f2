import { setTimeout as delay } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Snapshot } from '../../core/snapshot.js';
import { keepYoungGenerationSmall } from '../../system/young-generation.js';
import type { FromWorker, SenderResult, SenderTask, ToWorker } from '../between/messages.js';
import { PACK_RECORDS_MAX, PackedRecords } from '../between/packed-records.js';
import { PackStore } from './pack-store.js';
import type { SenderThreads } from './sender-threads.js';

/** The most records that one worker may hold, so that its queue stays bounded with a slow target. */
const HELD_RECORDS_MAX = 32_768;
/** The most bytes that all workers may hold together, over all loads. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;
/** Each worker may hold at least this many bytes: more than the largest record. */
const HELD_BYTES_MIN = 12 * 1024 * 1024;
/**
 * A full worker has room again once it holds less than this share of its maximum: so it gets full packs, not many small
 * ones.
 */
const ROOM_AGAIN = 0.75;
/** The last message of a worker may arrive this long after its task has ended. */
const LAST_MESSAGE_MS = 5_000;
/** Unused packs of each size that are kept for each worker: as many as it may hold of records of 250 bytes. */
const SPARE_MAX = (2 * HELD_RECORDS_MAX) / PACK_RECORDS_MAX;

/** What the workers report. */
export interface PoolEvents {
  snapshot(snapshot: Snapshot): void;
  deadLetters(workerId: number, lines: Uint8Array): void;
  /** The target refused the run. */
  fatal(code: string, message: string): void;
  /** A worker made a record that does not fit its schema. */
  unfit(message: string): void;
  /** A worker has room again. */
  room(): void;
  /** A worker's thread ended too early. */
  died(workerId: number, error: Error): void;
  /** A worker's response to `listUnsettled`: the ordinals of the unsettled records. */
  unsettled(workerId: number, ordinals: Float64Array): void;
}

/** How a worker ended. */
export interface WorkerEnd {
  readonly workerId: number;
  /** Records that the feed dispatched to it, including those of `neverDispatched`. */
  readonly dispatched: number;
  /** Its last message; undefined if it died. */
  readonly result: SenderResult | undefined;
  /** The ordinals of records that were not sent to the worker, because the run had been abandoned before. */
  readonly neverDispatched: readonly Float64Array[];
}

/** The workers of a run: a sender in each thread, which gets records through its own port. */
export class WorkerPool {
  readonly #threads: SenderThreads;
  readonly #channels: WorkerChannel[] = [];
  /** The last message of each worker; undefined if the worker dies. */
  readonly #ends: Promise<SenderResult | undefined>[] = [];
  readonly #packs: PackStore;

  /** @param numbered whether packs hold the ordinals of records */
  constructor(threads: SenderThreads, numbered: boolean) {
    this.#threads = threads;
    this.#packs = new PackStore(SPARE_MAX * threads.count, numbered);
  }

  /**
   * Starts the workers' tasks, and waits until each worker is ready or has died.
   *
   * @param taskOf returns the task of a worker, without its port
   */
  async start(taskOf: (workerId: number) => Omit<SenderTask, 'port'>, events: PoolEvents): Promise<void> {
    const { count: workers, loads } = this.#threads;
    const bytesMax = Math.max(HELD_BYTES_MIN, Math.floor(HELD_BYTES_MAX / (workers * loads)));
    const ready: Promise<unknown>[] = [];
    for (let workerId = 0; workerId < workers; workerId++) {
      const { port1, port2 } = new MessageChannel();
      const channel = new WorkerChannel(workerId, port1, bytesMax, events, (records) => this.#packs.keep(records));
      const task = this.#threads.run({ ...taskOf(workerId), port: port2 });
      // The last message may still be on its way when the task has ended.
      const died = task
        .then(() => delay(LAST_MESSAGE_MS, undefined, { ref: false }))
        .then(() => Promise.reject(new Error('its task ended without a last message')))
        .catch((error: Error) => (channel.isDone ? undefined : events.died(workerId, error)));
      this.#channels.push(channel);
      // The last message comes through the port, after everything that the worker reported before.
      this.#ends.push(Promise.race([channel.done, died.then(() => undefined)]));
      ready.push(Promise.race([channel.ready, died]));
    }
    await Promise.all(ready);
    keepYoungGenerationSmall();
  }

  /** Tells the workers when the run begins, on the shared clock. */
  begin(startMs: number): void {
    for (const channel of this.#channels) channel.post({ type: 'begin', startMs });
  }

  /** Waits until every worker has ended or died. */
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

  /** @param pausedMs how long the pause was */
  resume(pausedMs: number): void {
    for (const channel of this.#channels) channel.post({ type: 'resume', pausedMs });
  }

  /** Asks each worker for its unsettled records. Each responds with the event `unsettled`. */
  listUnsettled(): void {
    for (const channel of this.#channels) channel.post({ type: 'list-unsettled' });
  }

  /** No more records come: the workers send those they hold, and end. */
  finish(): void {
    for (const channel of this.#channels) channel.post({ type: 'finish' });
  }

  /** The workers end at once. */
  abandon(): void {
    for (const channel of this.#channels) channel.abandon();
  }

  async destroy(): Promise<void> {
    for (const channel of this.#channels) channel.close();
    await this.#threads.release();
  }
}

/** The main thread's end of the channel to one worker. Knows how much the worker holds. */
class WorkerChannel {
  readonly ready: Promise<void>;
  readonly done: Promise<SenderResult>;
  isDone = false;
  readonly #workerId: number;
  readonly #port: MessagePort;
  readonly #heldBytesMax: number;
  readonly #events: PoolEvents;
  readonly #keep: (records: PackedRecords) => void;
  /** Records for the worker, including those in `neverDispatched`. */
  dispatched = 0;
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
      case 'unfit':
        this.#events.unfit(message.message);
        break;
      case 'done':
        this.isDone = true;
        this.#markDone(message.result);
        break;
    }
  }

  /** The worker holds less than before: it may have room again. */
  #roomGrew(): void {
    if (!this.#wasFull || this.#heldRecords > HELD_RECORDS_MAX * ROOM_AGAIN) return;
    if (this.#heldBytes > this.#heldBytesMax * ROOM_AGAIN) return;
    this.#wasFull = false;
    this.#events.room();
  }
}
