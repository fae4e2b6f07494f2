/** Something that whoever runs the benches can understand and mend: shown without a stack. */
export class BenchError extends Error {
  /** @param {string} message @param {{ usage?: boolean }} [options] */
  constructor(message, { usage = false } = {}) {
    super(message);
    this.usage = usage;
  }
}
