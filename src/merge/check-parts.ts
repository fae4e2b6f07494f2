import { KloadError } from '../core/errors.js';
import type { PartReport, Report } from '../core/report.js';
import { formatDuration } from '../core/units.js';
import { missingText } from '../report/parts-text.js';

/** A report, and the file that it is from. */
export interface NamedReport {
  readonly file: string;
  readonly report: Report;
}

/** The report of a part. */
export interface NamedPart extends NamedReport {
  readonly part: PartReport;
}

/**
 * Checks that reports are the parts of one run, each of them once.
 *
 * @returns the parts in the order of their numbers, and the numbers of those without a report
 * @throws KloadError `input` which names the file, or the part that is missing
 */
export function checkedParts(
  reports: readonly NamedReport[],
  allowMissing: boolean,
): { readonly parts: readonly NamedPart[]; readonly missing: readonly number[] } {
  const parts = reports.map(asPart).sort((a, b) => a.part.number - b.part.number);
  const [first, ...others] = parts;
  if (first === undefined) throw new Error('there is no report to merge');
  for (const other of others) checkSameRun(first, other);
  for (const [i, other] of others.entries()) {
    const before = parts[i]!;
    if (before.part.number !== other.part.number) continue;
    const { number, of } = other.part;
    throw new KloadError(
      'input',
      `part ${number} of ${of} is there twice: ${before.file} and ${other.file}`,
      'leave one of them out',
    );
  }
  const { of } = first.part;
  const present = new Set(parts.map(({ part }) => part.number));
  const missing = Array.from({ length: of }, (_, i) => i + 1).filter((number) => !present.has(number));
  if (missing.length > 0 && !allowMissing) {
    const hint = missing.length === 1 ? 'add its report' : 'add their reports';
    throw new KloadError('input', missingText(missing, of), `${hint}, or pass --allow-missing to merge the others`);
  }
  return { parts, missing };
}

/**
 * What is odd about the parts' times, in one line: a part of an earlier run with the same options has the same run ID.
 *
 * @param began when each part began, in milliseconds after the first
 */
export function gapText(parts: readonly NamedPart[], began: readonly number[]): string | undefined {
  const inTime = parts
    .flatMap(({ file, report }, i) =>
      // A part that resumed may have waited for a machine.
      report.resumed === null ? [{ file, beganMs: began[i]!, endMs: began[i]! + report.durationMs }] : [],
    )
    .sort((a, b) => a.beganMs - b.beganMs);
  let last = inTime[0];
  for (const one of inTime.slice(1)) {
    const gapMs = last === undefined ? 0 : one.beganMs - last.endMs;
    if (last !== undefined && gapMs > 0) {
      return `${one.file} began ${formatDuration(gapMs)} after ${last.file} had ended: check that both are of one run`;
    }
    if (last === undefined || one.endMs > last.endMs) last = one;
  }
  return undefined;
}

function asPart({ file, report }: NamedReport): NamedPart {
  const { part, merged } = report;
  if (part !== undefined) return { file, report, part };
  const what = merged === undefined ? 'of a run that was not split' : 'merged already';
  throw new KloadError(
    'input',
    `${file}: the report is ${what}`,
    'pass the reports of `kload run --part`, and no others',
  );
}

function checkSameRun(first: NamedPart, other: NamedPart): void {
  if (other.part.runId === first.part.runId && other.part.of === first.part.of && other.part.by === first.part.by) {
    const texts = ({ report }: NamedPart) => report.thresholds.map(({ threshold }) => threshold).join(', ');
    if (texts(first) === texts(other)) return;
    throw new KloadError(
      'input',
      `${other.file} has other thresholds than ${first.file}: ${texts(other) || 'none'} instead of ${texts(first) || 'none'}`,
      'give all parts the same options',
    );
  }
  const difference = differenceOf(first, other);
  const what = difference === undefined ? 'its input differs' : difference;
  throw new KloadError(
    'input',
    `${other.file} is not of the same run as ${first.file}: ${what}`,
    'pass the reports of one run, whose parts had the same options and input',
  );
}

/** The first setting that differs: 'its schedule.rps is 100 instead of 200'. */
function differenceOf(first: NamedPart, other: NamedPart): string | undefined {
  const { part: a, report: one } = first;
  const { part: b, report: two } = other;
  if (a.of !== b.of) return `it is part ${b.number} of ${b.of}, and the other is part ${a.number} of ${a.of}`;
  if (a.by !== b.by) return `its records were split by ${b.by} instead of ${a.by}`;
  return (
    differentMember(sharedConfig(one), sharedConfig(two), '') ??
    (one.host.kload === two.host.kload ? undefined : `kload ${two.host.kload} wrote it instead of ${one.host.kload}`)
  );
}

/** Without what may differ from part to part. */
function sharedConfig({ config }: Report): unknown {
  const { checkpoint: _, deadLetter: __, workers: ___, startAt: ____, input, ...shared } = config;
  return { ...shared, input: { ...input, files: null } };
}

function differentMember(a: unknown, b: unknown, path: string): string | undefined {
  if (JSON.stringify(a) === JSON.stringify(b)) return undefined;
  if (isObject(a) && isObject(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const found = differentMember(a[key], b[key], path === '' ? key : `${path}.${key}`);
      if (found !== undefined) return found;
    }
  }
  return `its ${path} is ${JSON.stringify(b) ?? 'not set'} instead of ${JSON.stringify(a) ?? 'not set'}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
