import { type MadeRecords, RecordMaker } from '../../generate/record-maker.js';
import type { PackedRecords, RecordRanges } from '../between/packed-records.js';

/** Makes records for which the main thread has sent only numbers and times. */
export class PackMaker {
  readonly #maker: RecordMaker;

  constructor(made: MadeRecords) {
    this.#maker = new RecordMaker(made);
  }

  /** Makes the record at an index of a pack, and writes its ranges into `record`. */
  make(pack: PackedRecords, index: number, record: RecordRanges): void {
    const ordinal = pack.ordinal(index);
    const room = pack.roomFor(this.#maker.bytesMax(ordinal));
    pack.roomUsed = this.#maker.make(ordinal, room, pack.roomUsed, record);
  }
}
