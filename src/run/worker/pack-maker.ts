import { type MadeRecords, RecordMaker } from '../../generate/record-maker.js';
import type { PackedRecords, RecordRanges } from '../between/packed-records.js';

const READ_CLOCK_MS = 1000;

/** Makes records for which the main thread has sent only numbers and times. */
export class PackMaker {
  readonly #maker: RecordMaker;
  /** From the shared clock to the wall clock. */
  #offsetMs = 0;
  #readAgainMs = Number.NEGATIVE_INFINITY;

  constructor(made: MadeRecords) {
    this.#maker = new RecordMaker(made);
  }

  /** Makes the record at an index of a pack that is due, and writes its ranges into `record`. */
  make(pack: PackedRecords, index: number, nowMs: number, record: RecordRanges): void {
    const ordinal = pack.ordinal(index);
    const dueMs = pack.intendedAtMs(index);
    const atMs = this.#epochMs(Number.isFinite(dueMs) ? dueMs : nowMs, nowMs);
    const room = pack.roomFor(this.#maker.bytesMax(ordinal, atMs));
    pack.roomUsed = this.#maker.make(ordinal, atMs, room, pack.roomUsed, record);
  }

  /** A moment of the shared clock in epoch milliseconds. The wall clock may be set, so it is read again and again. */
  #epochMs(clockMs: number, nowMs: number): number {
    if (!(nowMs < this.#readAgainMs)) {
      this.#offsetMs = Date.now() - nowMs;
      this.#readAgainMs = nowMs + READ_CLOCK_MS;
    }
    return Math.round(clockMs + this.#offsetMs);
  }
}
