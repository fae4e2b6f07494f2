import { write } from 'node:fs';

/** The most characters buffered for a slow reader; further lines are dropped and counted. */
const BUFFERED_CHARACTERS_MAX = 1024 * 1024;
const GATHER_MS = 20;
const RETRY_MS = 50;
const CLOSE_MS_MAX = 1000;
const STDERR = 2;

/**
 * Writes lines to standard error in batches, off the event loop: process.stderr.write blocks on a pipe that is not
 * read, and the log must not stop the emulator.
 */
export class LogSink {
  #buffered = '';
  #droppedLines = 0;
  #isWriting = false;
  #isBroken = false;
  #timer: NodeJS.Timeout | undefined;
  #closed: (() => void) | undefined;

  write(line: string): void {
    if (this.#isBroken) return;
    if (this.#buffered.length > BUFFERED_CHARACTERS_MAX) {
      this.#droppedLines++;
      return;
    }
    this.#buffered += `${line}\n`;
    if (!this.#isWriting) this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS).unref();
  }

  /** Resolves when everything is written, at the latest after a second. */
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
    if (this.#droppedLines > 0)
      this.#buffered += `(${this.#droppedLines} lines dropped: the log was not read in time)\n`;
    this.#droppedLines = 0;
    const text = this.#buffered;
    this.#buffered = '';
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
      if (this.#isBroken) this.#buffered = '';
      this.#flush();
    });
  }
}
