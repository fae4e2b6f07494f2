/** An error that the user can understand and fix. It is shown without a stack. */
export class BenchError extends Error {
  readonly usage: boolean;

  constructor(message: string, { usage = false } = {}) {
    super(message);
    this.usage = usage;
  }
}
