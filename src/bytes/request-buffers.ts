import { type Scratch, scratchOf } from './scratch.js';

const BYTES_MIN = 128 * 1024;
/** The limit on the size of all unused buffers. The requests in flight bound the size of those in use. */
const KEPT_BYTES_MAX = 64 * 1024 * 1024;

/** A pool of buffers for requests. Reusing them saves the system from zeroing the pages of new ones. */
export class RequestBuffers {
  readonly #kept: Scratch[] = [];
  #keptBytes = 0;

  take(bytesMin: number): Scratch {
    const kept = this.#kept.pop();
    if (kept !== undefined) this.#keptBytes -= kept.bytes.length;
    if (kept !== undefined && kept.bytes.length >= bytesMin) return kept;
    return scratchOf(Buffer.allocUnsafeSlow(Math.max(BYTES_MIN, 2 ** Math.ceil(Math.log2(bytesMin)))));
  }

  /** Returns a buffer to the pool. The system must not be reading it any more. */
  giveBack(scratch: Scratch): void {
    if (this.#keptBytes + scratch.bytes.length > KEPT_BYTES_MAX) return;
    this.#keptBytes += scratch.bytes.length;
    this.#kept.push(scratch);
  }
}
