import { type Scratch, scratchOf } from './scratch.js';

const BYTES_AT_FIRST = 128 * 1024;
/** What is kept for later requests; what is in use is bounded by the requests in flight. */
const KEPT_BYTES_MAX = 64 * 1024 * 1024;

/** Buffers for requests, used again: the system zeroes a new one, page by page, before it can be written. */
export class RequestBuffers {
  readonly #kept: Scratch[] = [];
  #keptBytes = 0;

  take(bytesMin: number): Scratch {
    const kept = this.#kept.pop();
    if (kept !== undefined) this.#keptBytes -= kept.bytes.length;
    if (kept !== undefined && kept.bytes.length >= bytesMin) return kept;
    return scratchOf(Buffer.allocUnsafeSlow(Math.max(BYTES_AT_FIRST, 2 ** Math.ceil(Math.log2(bytesMin)))));
  }

  /** Only when nobody reads it any more. */
  giveBack(scratch: Scratch): void {
    if (this.#keptBytes + scratch.bytes.length > KEPT_BYTES_MAX) return;
    this.#keptBytes += scratch.bytes.length;
    this.#kept.push(scratch);
  }
}
