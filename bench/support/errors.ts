/** An error that the user can understand and fix. It is shown without a stack. */
export class BenchError extends Error {
  /** @param {string} message @param {{ usage?: boolean }} [options] */
  constructor(message, { usage = false } = {}) {
    super(message);
    this.usage = usage;
  }
}
