import { EXIT_CODES, KloadError } from '../core/errors.js';
import { printLines } from './print.js';

/** Prints an error to standard error and returns its exit code. Only bugs are printed with a stack. */
export function reportError(error: unknown): number {
  if (error instanceof KloadError) {
    printError(error.message, error.hint ?? null);
    return EXIT_CODES[error.exit].code;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  printLines(process.stderr, 'kload: this is a bug in kload, please report it:', ...text.split('\n'));
  return EXIT_CODES.bug.code;
}

export function printError(message: string, hint: string | null): void {
  printLines(process.stderr, `kload: ${message}`);
  // The hint of a bug is its stack, which has several lines.
  if (hint !== null) printLines(process.stderr, ...hint.split('\n').map((line) => `       ${line}`));
}
