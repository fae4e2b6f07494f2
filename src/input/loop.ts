import { KloadError } from '../core/errors.js';
import { RecordBlock, type Source } from '../core/record.js';
import { transformed } from './transform.js';

/** Reads a source again and again, without end. */
export function loop(source: Source): Source {
  return transformed(source, {
    blocks: () => passes(source),
    progress: (blockShare) => ({ ...source.progress(blockShare), total: undefined }),
  });
}

/**
 * The passes over a recording, one after the other. The times of each pass are shifted by the recording's span and its
 * mean gap, so that the last record of a pass and the first of the next are as far apart as two records usually are.
 *
 * @throws KloadError `input` after a pass without a record: the next ones would have none either
 */
async function* passes(source: Source): AsyncGenerator<RecordBlock, void> {
  const span = new TimeSpan();
  let blocks = 0;
  let records = 0;
  // A recording of one block is read only once: opening a file takes longer than sending a few records.
  let only: RecordBlock | undefined;
  for await (const block of source.blocks()) {
    blocks++;
    records += block.count;
    only = blocks === 1 ? copyOf(block) : undefined;
    span.add(block);
    yield block;
  }
  if (records === 0) {
    throw new KloadError('input', 'the input holds no usable record, so --loop would never send one');
  }

  const onlyTimes = only && { recorded: only.recordedAtMs.slice(), paced: only.pacedAtMs.slice() };
  for (let round = 1; ; round++) {
    const shiftMs = round * span.periodMs;
    if (only !== undefined && onlyTimes !== undefined) {
      setTimes(only.recordedAtMs, onlyTimes.recorded, only.count, shiftMs);
      setTimes(only.pacedAtMs, onlyTimes.paced, only.count, shiftMs);
      yield only;
      continue;
    }
    for await (const block of source.blocks()) {
      setTimes(block.recordedAtMs, block.recordedAtMs, block.count, shiftMs);
      if (block.pacedAtMs !== block.recordedAtMs) setTimes(block.pacedAtMs, block.pacedAtMs, block.count, shiftMs);
      yield block;
    }
  }
}

/**
 * The span of a recording in paced times, so that one wrong clock does not make a pass a day longer. Records without a
 * time don't count.
 */
class TimeSpan {
  #records = 0;
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  add(block: RecordBlock): void {
    for (let at = 0; at < block.count; at++) {
      const ms = block.pacedAtMs[at]!;
      if (Number.isNaN(ms)) continue;
      this.#records++;
      if (ms < this.#firstMs) this.#firstMs = ms;
      if (ms > this.#lastMs) this.#lastMs = ms;
    }
  }

  /** The span and one mean gap; 0 where there is no gap. */
  get periodMs(): number {
    const records = this.#records;
    const firstMs = this.#firstMs;
    const lastMs = this.#lastMs;
    return records > 1 ? ((lastMs - firstMs) * records) / (records - 1) : 0;
  }
}

function setTimes(times: Float64Array, from: Float64Array, count: number, shiftMs: number): void {
  for (let at = 0; at < count; at++) times[at] = from[at]! + shiftMs;
}

function copyOf(block: RecordBlock): RecordBlock {
  const copy = new RecordBlock();
  copy.reset(block.file, block.bytes.slice());
  copy.count = block.count;
  copy.dataStart.set(block.dataStart);
  copy.dataEnd.set(block.dataEnd);
  copy.keyStart.set(block.keyStart);
  copy.keyEnd.set(block.keyEnd);
  copy.hasAttributes = block.hasAttributes;
  copy.attributesStart.set(block.attributesStart);
  copy.attributesEnd.set(block.attributesEnd);
  copy.recordedAtMs.set(block.recordedAtMs);
  copy.pacedAtMs = block.pacedAtMs.slice();
  copy.line.set(block.line);
  copy.bad.push(...block.bad);
  return copy;
}
