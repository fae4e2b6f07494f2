import { KloadError, messageOf } from '../core/errors.js';

/** Watches the stream that a command's text goes to. If it fails, the command continues and reports it at its end. */
export class Printing {
  readonly stream: NodeJS.WriteStream;
  #error: NodeJS.ErrnoException | null | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
    // If standard error is closed, only messages are lost.
    for (const one of [process.stdout, process.stderr]) one.on('error', (error) => one === stream && this.#note(error));
  }

  /** Prints the last text. Throws a KloadError (output) if any output was lost, unless the reader left (`| head`). */
  async end(text: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.stream.write(text, (error) => {
        this.#note(error);
        resolve();
      });
    });
    if (this.#error == null || this.#error.code === 'EPIPE' || this.stream === process.stderr) return;
    const hint = 'write the results to a file with --report';
    throw new KloadError('output', `standard output cannot be written: ${messageOf(this.#error)}`, hint);
  }

  #note(error: NodeJS.ErrnoException | null | undefined): void {
    this.#error ??= error;
  }
}
