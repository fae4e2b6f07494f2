import { EXIT_CODES, KloadError } from '../core/errors.js';
import { printLines } from './print.js';

/** Tells an error on standard error and gives the exit code for it. Only bugs come with a stack. */
export function reportError(error: unknown): number {
  if (error instanceof KloadError) {
    tellError(error.message, error.hint ?? null);
    return EXIT_CODES[error.exit].code;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  printLines(process.stderr, 'kload: this is a bug in kload, please report it:', ...text.split('\n'));
  return EXIT_CODES.bug.code;
}

export function tellError(message: string, hint: string | null): void {
  printLines(process.stderr, `kload: ${message}`);
  // A bug's is its stack.
  if (hint !== null) printLines(process.stderr, ...hint.split('\n').map((line) => `       ${line}`));
}
