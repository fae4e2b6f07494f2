import { EXIT_CODES, type ExitReason, KloadError, messageOf } from '../core/errors.js';
import type { Outcome, ThresholdReport } from '../core/report.js';
import { formatCount } from '../core/units.js';

type Cause = Omit<Outcome, 'exitCode'> & { readonly exit: ExitReason };

/**
 * What ended a run early. The first cause counts: later ones follow from it. A run that a threshold or the clock ended
 * may fail afterwards for another reason, which then wins.
 */
export class EndCause {
  #cause: Cause | undefined;

  get known(): boolean {
    return this.#cause !== undefined;
  }

  set(exit: ExitReason, reason: string, hint: string | null = null): void {
    const isDraining = this.#cause?.exit === 'threshold' || this.#cause?.exit === 'ok';
    const isAborting = isDraining && exit !== 'interrupted';
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
   * A crossed threshold wins over failed records, an interruption and the end by the clock: the run was asked whether
   * it holds.
   *
   * @param failed the number of records given up
   * @param unsent the number of records neither sent nor given up
   */
  outcome(failed: number, unsent: number, thresholds: readonly ThresholdReport[]): Outcome {
    const crossed = thresholds.filter(({ ok }) => !ok);
    const yields = this.#cause === undefined || this.#cause.exit === 'interrupted' || this.#cause.exit === 'ok';
    if (this.#cause?.exit === 'ok') this.#cause = endedInTime(this.#cause, failed, unsent);
    if (crossed.length > 0 && yields) {
      const which = crossed.length === 1 ? crossed[0]!.threshold : `${crossed.length} of ${thresholds.length}`;
      const interrupted = this.#cause === undefined ? '' : `${this.#cause.reason}, `;
      const reason = `${interrupted}threshold${crossed.length === 1 ? '' : 's'} crossed: ${which}`;
      this.#cause = { exit: 'threshold', reason, hint: null };
    }
    const { exit, reason, hint } = this.#cause ?? { exit: failed > 0 ? 'failures' : 'ok', reason: null, hint: null };
    return { exitCode: EXIT_CODES[exit].code, reason, hint };
  }
}

/** A run that the clock ended is good if no record failed and none stayed unsent. */
function endedInTime(cause: Cause, failed: number, unsent: number): Cause {
  if (failed + unsent === 0) return cause;
  const counts = [
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(unsent > 0 ? [`${formatCount(unsent)} unsent`] : []),
  ];
  return { ...cause, exit: 'failures', reason: `${cause.reason}: ${counts.join(', ')}` };
}
