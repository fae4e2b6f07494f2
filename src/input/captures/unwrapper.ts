import { NO_KEY, RecordBlock } from '../../core/record.js';
import { RecordedCall } from './recorded-call.js';

/** What is done with data that is a recorded call to Kinesis: auto decides from the first rows between the other two. */
export type Unwrap = 'auto' | 'kinesis' | 'none';

/** Rows that auto looks at. */
const LOOKED_AT_MAX = 100;

/** Makes the rows of a recording of calls the records in them: of a row none, one or many, with its line and its time. */
export class Unwrapper {
  /** How it was decided: once for all files. */
  mode: Unwrap;
  /** Whether the rows are elements of a JSON document: then one that is an entry of a call decides, too. */
  takesEntries = false;
  /** Files whose first rows were looked at. */
  lookedAt = 0;
  readonly #keepsHashKeys: boolean;
  readonly #call = new RecordedCall();
  readonly #block = new RecordBlock();
  /** The part of the last row block that is in the block yielded last. */
  #fromShare = 0;
  #toShare = 1;

  /** @param keepsHashKeys false: those that calls hold are left out, for a target that would take them for something else */
  constructor(mode: Unwrap, keepsHashKeys: boolean) {
    this.mode = mode;
    this.#keepsHashKeys = keepsHashKeys;
  }

  /** Looks at the first rows of a file: one that is a call decides. */
  look(block: RecordBlock): void {
    if (this.mode !== 'auto') return;
    for (let at = 0; at < Math.min(block.count, LOOKED_AT_MAX) && this.mode === 'auto'; at++) {
      if (block.keyStart[at]! !== NO_KEY) continue;
      // Reading it changes it.
      const data = Buffer.from(block.bytes.subarray(block.dataStart[at], block.dataEnd[at]));
      this.#call.read(data, 0, data.length);
      if (this.#call.recognized || (this.takesEntries && this.#call.isEntry)) this.mode = 'kinesis';
    }
  }

  /** No file began with a call. */
  settle(): void {
    if (this.mode === 'auto') this.mode = 'none';
  }

  /** The part of the rows at hand that a part of the block yielded last stands for. */
  shareOfRows(blockShare: number): number {
    return this.#fromShare + (this.#toShare - this.#fromShare) * blockShare;
  }

  async *unwrapped(blocks: AsyncIterable<RecordBlock>): AsyncGenerator<RecordBlock, void> {
    for await (const block of blocks) {
      if (this.mode === 'auto' && block.count > 0) {
        this.look(block);
        this.settle();
      }
      this.#fromShare = 0;
      this.#toShare = 1;
      if (this.mode === 'kinesis') yield* this.#unwrap(block);
      else yield block;
    }
  }

  *#unwrap(rows: RecordBlock): Generator<RecordBlock, void> {
    const block = this.#block;
    const { records } = this.#call;
    block.reset(rows.file, rows.bytes);
    this.#toShare = 0;
    let bad = 0;
    for (let row = 0; row <= rows.count; row++) {
      for (; rows.bad[bad]?.index === row; bad++) {
        if (block.full) yield* this.#full(rows, row);
        block.addBad(rows.bad[bad]!.line, rows.bad[bad]!.reason);
      }
      if (row === rows.count) break;
      if (block.full) yield* this.#full(rows, row);
      const line = rows.line[row]!;
      const [start, end] = [rows.dataStart[row]!, rows.dataEnd[row]!];
      // A record that kload wrote is one already.
      if (rows.keyStart[row]! !== NO_KEY) {
        block.take(rows, row, start, end);
        continue;
      }
      const problem = this.#call.read(rows.bytes, start, end);
      if (problem !== undefined) block.addBad(line, problem);
      else {
        for (let at = 0; at < records.count; at++) {
          if (block.full) yield* this.#full(rows, row);
          block.add(records.dataStart[at]!, records.dataEnd[at]!, rows.recordedAtMs[row]!, line);
          block.setKey(records.keyStart[at]!, records.keyEnd[at]!);
          if (this.#keepsHashKeys && records.hashEnd[at]! > 0)
            block.setAttributes(records.hashStart[at]!, records.hashEnd[at]!);
        }
      }
    }
    this.#toShare = 1;
    if (!block.empty) yield block;
  }

  *#full(rows: RecordBlock, row: number): Generator<RecordBlock, void> {
    this.#toShare = rows.count === 0 ? 1 : row / rows.count;
    yield this.#block;
    this.#fromShare = this.#toShare;
    this.#block.reset(rows.file, rows.bytes);
  }
}
