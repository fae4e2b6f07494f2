import type { PackedRecords } from '../between/packed-records.js';

/** Where the packs go: the worker pool, by the worker's number. */
export interface PackSink {
  hasRoom(worker: number): boolean;
  /** A pack to fill, with room for a record of `bytes`. */
  emptyPack(bytes: number): PackedRecords;
  send(worker: number, records: PackedRecords): void;
}

/** Has a pack at hand for each worker, and hands it over when it is full, or when all are to go. */
export class Packer {
  readonly #sink: PackSink;
  readonly #packs: (PackedRecords | undefined)[];
  /** The worker that got the last of the records that any may take. */
  #turn = 0;

  constructor(sink: PackSink, workers: number) {
    this.#sink = sink;
    this.#packs = new Array<PackedRecords | undefined>(workers).fill(undefined);
  }

  /** The pack that takes the next record of a worker; undefined: the worker has no room for another pack. */
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
   * The worker of the next record that any may take. Each has its turn until its pack is handed over, which spreads them as
   * evenly as one by one would, and leaves those that lie together in the input together. One without room is passed over.
   */
  takeTurn(bytes: number): number {
    if (this.#packs[this.#turn]?.hasRoomFor(bytes)) return this.#turn;
    // Its turn may come again only after long.
    this.#dispatch(this.#turn);
    for (let tried = 0; tried < this.#packs.length; tried++) {
      this.#turn = (this.#turn + 1) % this.#packs.length;
      if (this.#packs[this.#turn]?.hasRoomFor(bytes) || this.#sink.hasRoom(this.#turn)) break;
    }
    return this.#turn;
  }

  /** Hands over what is packed. */
  flush(): void {
    for (let worker = 0; worker < this.#packs.length; worker++) this.#dispatch(worker);
  }

  /** Before the bytes change that the records were read from. */
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
