import type { PackedRecords } from '../between/packed-records.js';

/** Where packs for the workers go: the worker pool, for example. Workers are numbered from 0. */
export interface PackSink {
  hasRoom(worker: number): boolean;
  /** An empty pack with room for a record of `bytes`. */
  emptyPack(bytes: number): PackedRecords;
  send(worker: number, records: PackedRecords): void;
}

/** Fills a pack for each worker, and dispatches it when it is full or when `flush` is called. */
export class Packer {
  readonly #sink: PackSink;
  readonly #packs: (PackedRecords | undefined)[];
  /** The worker that currently gets the records that may go to any worker. */
  #turn = 0;

  constructor(sink: PackSink, workers: number) {
    this.#sink = sink;
    this.#packs = new Array<PackedRecords | undefined>(workers).fill(undefined);
  }

  /** The pack for the next record of a worker; undefined if the worker has no room for another pack. */
  packFor(worker: number, bytes: number): PackedRecords | undefined {
    const pack = this.#packs[worker];
    if (pack?.hasRoomFor(bytes)) return pack;
    this.#dispatch(worker);
    if (!this.#sink.hasRoom(worker)) return undefined;
    const empty = this.#sink.emptyPack(bytes);
    this.#packs[worker] = empty;
    return empty;
  }

  /**
   * Picks the worker of a record that may go to any worker. Each worker has its turn until its pack is full. That
   * spreads records as evenly as taking turns for each record, and keeps neighbors in the input together. A worker
   * without room is skipped.
   */
  takeTurn(bytes: number): number {
    if (this.#packs[this.#turn]?.hasRoomFor(bytes)) return this.#turn;
    // Its next turn may be far away: do not keep the records until then.
    this.#dispatch(this.#turn);
    for (let tried = 0; tried < this.#packs.length; tried++) {
      this.#turn = (this.#turn + 1) % this.#packs.length;
      if (this.#packs[this.#turn]?.hasRoomFor(bytes) || this.#sink.hasRoom(this.#turn)) break;
    }
    return this.#turn;
  }

  /** Dispatches all packs. */
  flush(): void {
    for (let worker = 0; worker < this.#packs.length; worker++) this.#dispatch(worker);
  }

  /** Copies all bytes that the packs still refer to. Call this before the buffer that they were read from changes. */
  copyPending(): void {
    for (const pack of this.#packs) pack?.copyPending();
  }

  #dispatch(worker: number): void {
    const pack = this.#packs[worker];
    this.#packs[worker] = undefined;
    if (pack === undefined || pack.count === 0) return;
    pack.copyPending();
    this.#sink.send(worker, pack);
  }
}
