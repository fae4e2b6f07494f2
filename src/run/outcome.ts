import { EXIT_CODES, type ExitReason, KloadError, messageOf } from '../core/errors.js';
import type { Outcome } from '../core/report.js';

/** What ended a run early. The first cause counts: later ones follow from it. */
export class EndCause {
  #cause: (Omit<Outcome, 'exitCode'> & { readonly exit: ExitReason }) | undefined;

  get known(): boolean {
    return this.#cause !== undefined;
  }

  set(exit: ExitReason, reason: string, hint: string | null = null): void {
    this.#cause ??= { exit, reason, hint };
  }

  /** A bug in kload replaces any other cause. */
  override(reason: string): void {
    this.#cause = { exit: 'bug', reason, hint: null };
  }

  /** A KloadError brings its reason; any other error is a bug. */
  setFrom(error: unknown): void {
    if (error instanceof KloadError) this.set(error.exit, error.message, error.hint ?? null);
    else this.set('bug', `a bug in kload: ${messageOf(error)}`, error instanceof Error ? (error.stack ?? null) : null);
  }

  /** @param failed the number of records given up */
  outcome(failed: number): Outcome {
    const { exit, reason, hint } = this.#cause ?? { exit: failed > 0 ? 'failures' : 'ok', reason: null, hint: null };
    return { exitCode: EXIT_CODES[exit].code, reason, hint };
  }
}
