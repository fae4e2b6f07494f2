import type { RecordBlock, Source } from '../../core/record.js';
import { nowMs } from '../../system/clock.js';

/** Reads the blocks of a source. A wait for a block can be interrupted: a pipe may stay silent for ever. */
export class BlockReader {
  readonly #blocks: AsyncIterator<RecordBlock>;
  /** Ends the wait for the next block; undefined while there is no wait. */
  #endWait: ((block: RecordBlock | undefined) => void) | undefined;
  #waitsSinceMs = 0;

  constructor(source: Source) {
    this.#blocks = source.blocks()[Symbol.asyncIterator]();
  }

  /**
   * The next block; undefined at the end of the input, or when `interrupt` is called.
   *
   * @param onWait called if the block takes longer than `waitMs`
   */
  next(onWait: () => void, waitMs: number): Promise<RecordBlock | undefined> {
    const timer = setTimeout(onWait, waitMs);
    const next = new Promise<RecordBlock | undefined>((resolve, reject) => {
      this.#waitsSinceMs = nowMs();
      // Stored without a closure around it. With a closure for each wait, V8 would keep a chain of all closures alive.
      this.#endWait = resolve;
      this.#blocks.next().then((result) => resolve(result.done === true ? undefined : result.value), reject);
    });
    return next.finally(() => {
      clearTimeout(timer);
      this.#endWait = undefined;
    });
  }

  /** When the last wait for a block began. */
  get waitsSinceMs(): number {
    return this.#waitsSinceMs;
  }

  /** Ends the wait for the next block, if there is one. */
  interrupt(): void {
    this.#endWait?.(undefined);
  }

  /** Closes the source. Does not wait for it: a silent pipe would never finish. */
  close(): void {
    void this.#blocks.return?.().catch(() => {});
  }
}
