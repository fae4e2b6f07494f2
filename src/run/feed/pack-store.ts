import { PACK_BYTES, PACK_RECORDS_MAX, PackedRecords } from '../between/packed-records.js';

/** The sizes of packs. Records of a pack that is dispatched before it is full move to a smaller one, to save memory. */
const SIZES = [
  { records: PACK_RECORDS_MAX / 8, bytes: PACK_BYTES / 8 },
  { records: PACK_RECORDS_MAX / 2, bytes: PACK_BYTES / 2 },
  { records: PACK_RECORDS_MAX, bytes: PACK_BYTES },
] as const;
const FULL = SIZES.length - 1;

/** The packs of the main thread. They are reused: a steady run allocates none. */
export class PackStore {
  /** Empty packs, by the index of their size. */
  readonly #spare: PackedRecords[][] = SIZES.map(() => []);
  readonly #spareMax: number;
  readonly #numbered: boolean;

  /**
   * @param spareMax the most unused packs of each size that are kept
   * @param numbered whether packs hold the ordinals of records
   */
  constructor(spareMax: number, numbered: boolean) {
    this.#spareMax = spareMax;
    this.#numbered = numbered;
  }

  /** An empty pack of full size, or one for a single record of `bytes` if that is larger. */
  empty(bytes: number): PackedRecords {
    return bytes > PACK_BYTES ? PackedRecords.allocate(1, bytes, this.#numbered) : this.#take(FULL);
  }

  /** Returns the records in the smallest pack with room for them. If that is another pack, keeps their old one. */
  fitted(records: PackedRecords): PackedRecords {
    const { count, bytesUsed } = records;
    const size = SIZES.findIndex((of) => count <= of.records && bytesUsed <= of.bytes);
    if (size < 0 || SIZES[size]!.records >= records.capacity) return records;
    const fitted = this.#take(size);
    records.copyInto(fitted);
    this.keep(records);
    return fitted;
  }

  /** Keeps a pack that is not used any more. */
  keep(records: PackedRecords): void {
    const spare = this.#spare[SIZES.findIndex((of) => of.records === records.capacity)];
    if (spare === undefined || spare.length >= this.#spareMax) return;
    records.clear();
    spare.push(records);
  }

  #take(size: number): PackedRecords {
    const { records, bytes } = SIZES[size]!;
    return this.#spare[size]!.pop() ?? PackedRecords.allocate(records, bytes, this.#numbered);
  }
}
