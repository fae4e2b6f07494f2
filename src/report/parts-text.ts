import type { MergedPart, MergedReport, PartReport } from '../core/report.js';
import { formatCount, formatLatency, formatRate } from '../core/units.js';

const NAMES_SHOWN = 5;

/** 'part 3 of 8', 'parts 3 and 5 of 8' */
export function partsText(numbers: readonly number[], of: number): string {
  const shown = numbers.slice(0, NAMES_SHOWN).map(String);
  if (numbers.length > NAMES_SHOWN) shown.push(`${numbers.length - NAMES_SHOWN} more`);
  const list = shown.length === 1 ? shown[0] : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
  return `part${numbers.length === 1 ? '' : 's'} ${list} of ${of}`;
}

/** 'part 3 of 8 is missing' */
export function missingText(missing: readonly number[], of: number): string {
  return `${partsText(missing, of)} ${missing.length === 1 ? 'is' : 'are'} missing`;
}

/** How far a machine's clock is from the target's: '+12 ms ± 3 ms'. */
export function clockText({ offsetMs, uncertaintyMs }: NonNullable<PartReport['clock']>): string {
  return `${offsetMs < 0 ? '-' : '+'}${formatLatency(Math.abs(offsetMs))} ± ${formatLatency(uncertaintyMs)}`;
}

/** The parts of a merged report in a few lines: where they differ most. */
export function partsLines({ of, by, missing, parts }: MergedReport): string[] {
  const gone = missing.length === 0 ? '' : `; ${missingText(missing, of)}: all figures leave them out`;
  const lastBeganMs = Math.max(...parts.map(({ beganMs }) => beganMs));
  const lines = [
    `${formatCount(parts.length)} of ${formatCount(of)}, split by ${by}, begun within ${formatLatency(lastBeganMs)}${gone}`,
    `from ${extremes(parts, ({ rps }) => rps.achieved, formatRate)} records/s`,
    `lag p99 from ${extremes(parts, ({ scheduleLagMs }) => scheduleLagMs.p99, formatLatency)}`,
  ];
  if (parts.some(({ throttled }) => throttled.records > 0)) {
    lines.push(`throttled from ${extremes(parts, ({ throttled }) => throttled.records, formatCount)} times`);
  }
  return lines;
}

/** '980 (part 3) to 1,020 (part 7)' */
function extremes(parts: readonly MergedPart[], value: (part: MergedPart) => number, text: (value: number) => string) {
  const sorted = [...parts].sort((a, b) => value(a) - value(b));
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  return `${text(value(low))} (part ${low.number}) to ${text(value(high))} (part ${high.number})`;
}
