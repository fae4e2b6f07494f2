import { EXIT_CODES, type ExitReason } from '../core/errors.js';
import type { Outcome, Report, ThresholdReport } from '../core/report.js';
import { partsText } from '../report/parts-text.js';
import { parseThreshold } from '../threshold/parse.js';
import type { NamedPart } from './check-parts.js';

/** What wins over a crossed threshold, the most serious first: the run did not do what it was asked to. */
const SERIOUS: readonly ExitReason[] = ['bug', 'output', 'target', 'input', 'usage'];

/**
 * How the whole run ended: as its worst part did. Thresholds are those of the whole: one that only a part crossed does
 * not count, unless it ended the part.
 */
export function outcomeOf(parts: readonly NamedPart[], thresholds: readonly ThresholdReport[]): Outcome {
  for (const exit of SERIOUS) {
    const found = endedWith(parts, exit);
    if (found !== undefined) return found;
  }
  const aborted = parts.filter(({ report }) => isAborted(report));
  if (aborted.length > 0) return outcomeLike(aborted, 'threshold');
  const interrupted = endedWith(parts, 'interrupted');
  const crossed = thresholds.filter(({ ok }) => !ok);
  if (crossed.length > 0) {
    const which = crossed.length === 1 ? crossed[0]!.threshold : `${crossed.length} of ${thresholds.length}`;
    const before = interrupted === undefined ? '' : `${interrupted.reason}, `;
    const reason = `${before}threshold${crossed.length === 1 ? '' : 's'} crossed: ${which}`;
    return { exitCode: EXIT_CODES.threshold.code, reason, hint: null };
  }
  if (interrupted !== undefined) return interrupted;
  const failed = endedWith(parts, 'failures');
  if (failed !== undefined) return failed;
  // A part whose own threshold was crossed may have failed records as well.
  const isFailed = parts.some(({ report }) => report.records.failed + (report.resumed?.earlier.failed ?? 0) > 0);
  const reasons = parts.flatMap(({ report }) => (report.outcome.exitCode === 0 ? (report.outcome.reason ?? []) : []));
  return { exitCode: EXIT_CODES[isFailed ? 'failures' : 'ok'].code, reason: reasons[0] ?? null, hint: null };
}

function endedWith(parts: readonly NamedPart[], exit: ExitReason): Outcome | undefined {
  const { code } = EXIT_CODES[exit];
  const found = parts.filter(({ report }) => report.outcome.exitCode === code);
  return found.length === 0 ? undefined : outcomeLike(found, exit);
}

/** As the first of the parts ended, with the numbers of all of them. */
function outcomeLike(parts: readonly NamedPart[], exit: ExitReason): Outcome {
  const { report, part } = parts[0]!;
  const { reason, hint } = report.outcome;
  const numbers = parts.map((one) => one.part.number);
  const which = partsText(numbers, part.of);
  return {
    exitCode: EXIT_CODES[exit].code,
    reason: reason === null ? null : `${which}: ${reason}`,
    hint,
  };
}

/** Whether a threshold ended the part early. */
function isAborted({ outcome, thresholds }: Report): boolean {
  return (
    outcome.exitCode === EXIT_CODES.threshold.code &&
    thresholds.some(({ threshold, ok }) => !ok && parseThreshold(threshold).abort)
  );
}
