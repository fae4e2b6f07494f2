const OPEN = 0;
const WRITING = 1;
const CLOSED = 2;
/** A terminal that has stopped reading holds up a write for ever. */
const CLOSE_TIMEOUT_MS = 1000;

/**
 * Lets the dashboard's thread write frames until the main thread closes it. After that no frame can follow what the
 * main thread writes, also where it cannot wait for the thread to end: in the handlers of an exit or a crash.
 */
export class FrameGate {
  readonly shared: SharedArrayBuffer;
  readonly #state: Int32Array;

  constructor(shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#state = new Int32Array(shared);
  }

  /** For the thread: calls `write`, which must have written when it returns, unless the gate is closed. */
  pass(write: () => void): void {
    if (Atomics.compareExchange(this.#state, 0, OPEN, WRITING) !== OPEN) return;
    try {
      write();
    } finally {
      // The main thread may have given up waiting: then the gate stays closed.
      Atomics.compareExchange(this.#state, 0, WRITING, OPEN);
      Atomics.notify(this.#state, 0);
    }
  }

  /** For the main thread: waits for a frame that is being written. */
  close(): void {
    while (Atomics.compareExchange(this.#state, 0, OPEN, CLOSED) === WRITING) {
      if (Atomics.wait(this.#state, 0, WRITING, CLOSE_TIMEOUT_MS) === 'timed-out') {
        Atomics.store(this.#state, 0, CLOSED);
      }
    }
  }
}
