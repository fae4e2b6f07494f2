import { EXIT_CODES, KloadError } from '../core/errors.js';

/** Tells an error on standard error and gives the exit code for it. Only bugs come with a stack. */
export function reportError(error: unknown): number {
  if (error instanceof KloadError) {
    tellError(error.message, error.hint ?? null);
    return EXIT_CODES[error.exit].code;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`kload: this is a bug in kload, please report it:\n${text}\n`);
  return EXIT_CODES.bug.code;
}

export function tellError(message: string, hint: string | null): void {
  process.stderr.write(`kload: ${message}\n`);
  if (hint !== null) process.stderr.write(`       ${hint}\n`);
}
