import { BLOCK_RECORDS_MAX, type Progress, RecordBlock, type Source } from '../core/record.js';
import { NOTHING_FOUND } from '../core/report.js';

/** An endless source of records that have no bytes yet: the workers make them (RecordMaker). They have no time. */
export class GeneratedSource implements Source {
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
