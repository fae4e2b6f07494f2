/** What is wrong with a fault that a user asked for, and what is possible. */
export class FaultError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FaultError';
  }
}
