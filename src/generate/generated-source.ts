import { KloadError } from '../core/errors.js';
import { BLOCK_RECORDS_MAX, type Progress, RecordBlock, type Source } from '../core/record.js';
import { NOTHING_FOUND } from '../core/report.js';
import { generatedSizeMin, type MadeRecords } from './record-maker.js';

/**
 * An endless source of records that have no bytes yet: the workers make them (RecordMaker). They have no time.
 *
 * @throws KloadError `usage` if the record size is below `generatedSizeMin(keys)`
 */
export function generatedSource({ recordSize, keys }: Pick<MadeRecords, 'recordSize' | 'keys'>): Source {
  const sizeMin = generatedSizeMin(keys);
  if (recordSize < sizeMin) {
    const least = `a generated record with ${keys} keys has at least ${sizeMin} bytes`;
    throw new KloadError('usage', `--record-size is too small: ${least}, not ${recordSize}`);
  }
  return new GeneratedSource();
}

class GeneratedSource implements Source {
  readonly found = NOTHING_FOUND;
  #done = 0;

  async *blocks(): AsyncGenerator<RecordBlock, void> {
    const block = RecordBlock.ofMade(BLOCK_RECORDS_MAX);
    for (;;) {
      this.#done += block.count;
      yield block;
    }
  }

  progress(): Progress {
    return { done: this.#done, total: undefined };
  }
}
