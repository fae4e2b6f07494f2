import { PACK_BYTES, PACK_RECORDS_MAX, PackedRecords } from '../between/packed-records.js';

/** How large packs are. A pack that is sent before it is full would hold memory for nothing: it goes as a smaller one. */
const SIZES = [
  { records: PACK_RECORDS_MAX / 8, bytes: PACK_BYTES / 8 },
  { records: PACK_RECORDS_MAX / 2, bytes: PACK_BYTES / 2 },
  { records: PACK_RECORDS_MAX, bytes: PACK_BYTES },
] as const;
const FULL = SIZES.length - 1;

/** The coordinator's packs, used again and again: a steady run allocates none. */
export class PackStore {
  /** By size. */
  readonly #spare: PackedRecords[][] = SIZES.map(() => []);
  readonly #spareMax: number;
  readonly #numbered: boolean;

  /**
   * @param spareMax packs of each size that are kept while nobody uses them
   * @param numbered whether records keep their ordinals
   */
  constructor(spareMax: number, numbered: boolean) {
    this.#spareMax = spareMax;
    this.#numbered = numbered;
  }

  /** An empty pack of full size, or for a single record of `bytes` where that is larger. */
  empty(bytes: number): PackedRecords {
    return bytes > PACK_BYTES ? PackedRecords.allocate(1, bytes, this.#numbered) : this.#take(FULL);
  }

  /** The same records in the smallest pack that holds them; theirs is kept then. */
  fitted(records: PackedRecords): PackedRecords {
    const { count, bytesUsed } = records;
    const size = SIZES.findIndex((of) => count <= of.records && bytesUsed <= of.bytes);
    if (size < 0 || SIZES[size]!.records >= records.capacity) return records;
    const fitted = this.#take(size);
    records.copyInto(fitted);
    this.keep(records);
    return fitted;
  }

  /** Nobody uses the pack any more. */
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
