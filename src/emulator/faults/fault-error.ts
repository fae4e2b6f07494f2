/** A fault that a user asked for is not valid. The message says why, and what is possible. */
export class FaultError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FaultError';
  }
}
