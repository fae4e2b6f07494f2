import { write } from 'node:fs';

/** Lines that wait for a reader that does not read; beyond it they are left out and counted. */
const WAITING_CHARACTERS_MAX = 1024 * 1024;
const GATHER_MS = 20;
const RETRY_MS = 50;
const CLOSE_MS_MAX = 1000;
const STDERR = 2;

/**
 * Writes lines to standard error, many at once and off the event loop: a pipe that nobody reads blocks whoever writes to
 * it in the usual way, and an emulator must not stand still for its log.
 */
export class LogSink {
  #waiting = '';
  #leftOut = 0;
  #isWriting = false;
  #isBroken = false;
  #timer: NodeJS.Timeout | undefined;
  #closed: (() => void) | undefined;

  write(line: string): void {
    if (this.#isBroken) return;
    if (this.#waiting.length > WAITING_CHARACTERS_MAX) {
      this.#leftOut++;
      return;
    }
    this.#waiting += `${line}\n`;
    if (!this.#isWriting) this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS).unref();
  }

  /** Resolves when all is written, or nobody reads it for a second. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, CLOSE_MS_MAX);
      this.#closed = () => {
        clearTimeout(timer);
        resolve();
      };
      if (!this.#isWriting) this.#flush();
    });
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#leftOut > 0) this.#waiting += `(${this.#leftOut} lines left out: nobody read them in time)\n`;
    this.#leftOut = 0;
    const text = this.#waiting;
    this.#waiting = '';
    if (text === '') this.#closed?.();
    else this.#put(Buffer.from(text));
  }

  #put(bytes: Buffer): void {
    this.#isWriting = true;
    write(STDERR, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#put(bytes), RETRY_MS).unref();
        return;
      }
      if (error === null && written < bytes.length) {
        this.#put(bytes.subarray(written));
        return;
      }
      this.#isWriting = false;
      this.#isBroken = error !== null;
      if (this.#isBroken) this.#waiting = '';
      this.#flush();
    });
  }
}
