import { EXIT_CODES, type ExitReason, KloadError, messageOf } from '../core/errors.js';
import type { Outcome } from '../core/report.js';

/** What ended a run early. The first cause counts: later ones follow from it. */
export class EndCause {
  #exit: ExitReason | undefined;
  #reason: string | null = null;
  #hint: string | null = null;

  get known(): boolean {
    return this.#exit !== undefined;
  }

  set(exit: ExitReason, reason: string, hint: string | null = null): void {
    if (this.#exit !== undefined) return;
    this.#exit = exit;
    this.#reason = reason;
    this.#hint = hint;
  }

  /** A bug in kload replaces any other cause. */
  override(reason: string): void {
    this.#exit = undefined;
    this.set('bug', reason);
  }

  /** A KloadError brings its reason; any other error is a bug. */
  setFrom(error: unknown): void {
    if (error instanceof KloadError) this.set(error.exit, error.message, error.hint ?? null);
    else this.set('bug', `a bug in kload: ${messageOf(error)}`, error instanceof Error ? (error.stack ?? null) : null);
  }

  /** @param failed the number of records given up */
  outcome(failed: number): Outcome {
    const exit = this.#exit ?? (failed > 0 ? 'failures' : 'ok');
    return { exitCode: EXIT_CODES[exit].code, reason: this.#reason, hint: this.#hint };
  }
}
