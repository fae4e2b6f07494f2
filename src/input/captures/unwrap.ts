import { NO_KEY, RecordBlock, type RecordTraits, type Source } from '../../core/record.js';
import type { Unwrap } from '../../core/recording.js';
import { type CurrentFile, type Transform, transformed } from '../transform.js';
import { RecordedCall } from './recorded-call.js';

/** How many rows of a file decide. */
const LOOKED_AT_MAX = 100;

/**
 * Replaces recorded calls by the records inside them.
 *
 * @param heads   the first block of each file that can be read twice: all of them are read, even where they decide
 * nothing
 * @param current the file that heads and source read from
 */
export async function unwrapCalls(
  asked: Unwrap,
  heads: Source,
  current: CurrentFile,
  traits: RecordTraits,
): Promise<Transform> {
  const unwrapper = new Unwrapper(asked, current, traits);
  let files = 0;
  for await (const block of heads.blocks()) {
    unwrapper.look(block);
    files++;
  }
  if (files > 0) unwrapper.settle();
  return (source) =>
    transformed(source, {
      blocks: () => unwrapper.unwrapped(source.blocks()),
      progress: (blockShare) => source.progress(unwrapper.shareOfRows(blockShare)),
      found: () => ({ unwrapped: unwrapper.mode === 'kinesis' }),
    });
}

/** Replaces each row that is a recorded call by the records inside it: zero or more, with the row's line and time. */
class Unwrapper {
  /** Decided once for all files. */
  mode: Unwrap;
  readonly #current: CurrentFile;
  /** False: the target would take hash keys for something else. */
  readonly #keepsHashKeys: boolean;
  readonly #call = new RecordedCall();
  readonly #block = new RecordBlock();
  /** The part of the last block of rows that is in the block yielded last. */
  #fromShare = 0;
  #toShare = 1;

  constructor(mode: Unwrap, current: CurrentFile, traits: RecordTraits) {
    this.mode = mode;
    this.#current = current;
    this.#keepsHashKeys = traits.attributes === 'hash-key';
  }

  /** Looks at the first rows of a file: one recorded call among them decides. */
  look(block: RecordBlock): void {
    if (this.mode !== 'auto') return;
    for (let at = 0; at < Math.min(block.count, LOOKED_AT_MAX) && this.mode === 'auto'; at++) {
      if (block.keyStart[at]! !== NO_KEY) continue;
      // Reading a call changes its bytes.
      const data = Buffer.from(block.bytes.subarray(block.dataStart[at], block.dataEnd[at]));
      this.#call.read(data, 0, data.length);
      // An element of a JSON document may be an entry of a call.
      const takesEntries = this.#current.format === 'json';
      if (this.#call.recognized || (takesEntries && this.#call.isEntry)) this.mode = 'kinesis';
    }
  }

  /** Called once files were looked at: if none decided, nothing is unwrapped. */
  settle(): void {
    if (this.mode === 'auto') this.mode = 'none';
  }

  /** The share of the last block of rows that corresponds to a share of the block yielded last. */
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
      // A row with a key is a record that kload wrote.
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
          if (this.#keepsHashKeys && records.hashEnd[at]! > 0) {
            block.setAttributes(records.hashStart[at]!, records.hashEnd[at]!);
          }
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
