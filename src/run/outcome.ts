import { EXIT_CODES, type ExitReason, KloadError, messageOf } from '../core/errors.js';
import type { Outcome, ThresholdReport } from '../core/report.js';

/**
 * What ended a run early. The first cause counts: later ones follow from it. A run that a threshold ended may fail
 * afterwards for another reason, which then wins.
 */
export class EndCause {
  #cause: (Omit<Outcome, 'exitCode'> & { readonly exit: ExitReason }) | undefined;

  get known(): boolean {
    return this.#cause !== undefined;
  }

  set(exit: ExitReason, reason: string, hint: string | null = null): void {
    const isAborting = this.#cause?.exit === 'threshold' && exit !== 'interrupted';
    if (this.#cause === undefined || isAborting) this.#cause = { exit, reason, hint };
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

  /**
   * A crossed threshold wins over failed records and over an interruption: the run was asked whether it holds.
   *
   * @param failed the number of records given up
   */
  outcome(failed: number, thresholds: readonly ThresholdReport[]): Outcome {
    const crossed = thresholds.filter(({ ok }) => !ok);
    if (crossed.length > 0 && (this.#cause === undefined || this.#cause.exit === 'interrupted')) {
      const which = crossed.length === 1 ? crossed[0]!.threshold : `${crossed.length} of ${thresholds.length}`;
      const interrupted = this.#cause === undefined ? '' : `${this.#cause.reason}, `;
      const reason = `${interrupted}threshold${crossed.length === 1 ? '' : 's'} crossed: ${which}`;
      this.#cause = { exit: 'threshold', reason, hint: null };
    }
    const { exit, reason, hint } = this.#cause ?? { exit: failed > 0 ? 'failures' : 'ok', reason: null, hint: null };
    return { exitCode: EXIT_CODES[exit].code, reason, hint };
  }
}
