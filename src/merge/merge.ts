import type {
  Asked,
  CheckpointReport,
  FileReport,
  InputReport,
  MergedPart,
  PartReport,
  Report,
  ResumedReport,
} from '../core/report.js';
import { capacityOf } from '../report/capacity.js';
import { addReports, type Figures } from './add.js';
import { checkedParts, gapText, type NamedPart, type NamedReport } from './check-parts.js';
import { judge } from './judge.js';
import { outcomeOf } from './outcome.js';

/** A merged report, and what its user should know beside it. */
export interface Merged {
  readonly report: Report;
  readonly notices: readonly string[];
}

/**
 * Merges the reports of a run's parts into the report of the run. Figures are added as `addReports` says, aligned by
 * the target's clock where the parts know how far theirs is from it.
 *
 * @throws KloadError `input` for reports that are not all parts of one run
 */
export function mergeParts(reports: readonly NamedReport[], allowMissing: boolean): Merged {
  const { parts, missing } = checkedParts(reports, allowMissing);
  const first = parts[0]!;
  const aligned = parts.map(({ report, part }) => ({ ...report, startedAt: startedAt(report, part) }));
  const figures = addReports(aligned);
  const began = aligned.map((one) => Date.parse(one.startedAt) - Date.parse(figures.startedAt));
  const { host, target } = first.report;
  const config = configOf(parts);
  const whole = { ...figures, config, lastBeganMs: Math.max(...began) };
  const thresholds = judge(
    whole,
    parts.map(({ report }) => report),
  );
  const { of, by, runId } = first.part;
  const report: Report = {
    schema: first.report.schema,
    ...figures,
    outcome: outcomeOf(parts, thresholds),
    thresholds,
    host,
    config,
    target,
    input: inputOf(parts, by),
    checkpoint: checkpointOf(parts),
    resumed: resumedOf(parts),
    merged: { of, by, runId, missing, parts: parts.map((one, i) => mergedPart(one, began[i]!)) },
    capacity: capacity(figures, parts) ?? null,
    metrics: null,
  };
  const gap = gapText(parts, began);
  return { report, notices: gap === undefined ? [] : [gap] };
}

/** When a part began by the target's clock, if the part knows it better than its own clock is likely to be wrong. */
function startedAt({ startedAt }: Report, { clock }: PartReport): string {
  const isKnown = clock !== null && Math.abs(clock.offsetMs) > clock.uncertaintyMs;
  return isKnown ? new Date(Date.parse(startedAt) - clock.offsetMs).toISOString() : startedAt;
}

function mergedPart({ report, part }: NamedPart, beganMs: number): MergedPart {
  return {
    number: part.number,
    clock: part.clock,
    beganMs,
    durationMs: report.durationMs,
    outcome: report.outcome,
    host: report.host,
    records: report.records,
    rps: report.rps,
    latencyMs: report.latencyMs.fromIntended,
    scheduleLagMs: report.scheduleLagMs,
    throttled: report.throttled,
    deadLetter: report.config.deadLetter,
  };
}

/** Parts by key all read the same records; others read records of their own. */
function inputOf(parts: readonly NamedPart[], by: PartReport['by']): InputReport {
  const inputs = parts.map(({ report }) => report.input);
  const max = (key: keyof InputReport) => Math.max(...inputs.map((input) => Number(input[key])));
  const sum = (key: keyof InputReport) => inputs.reduce((total, input) => total + Number(input[key]), 0);
  const all = by === 'key' ? max : sum;
  return {
    files: filesOf(inputs),
    outside: all('outside'),
    unwrapped: inputs.some(({ unwrapped }) => unwrapped),
    late: all('late'),
    early: all('early'),
    // A record is given its random key by the part that sends it.
    nullKeys: sum('nullKeys'),
    outOfOrder: all('outOfOrder'),
    outOfOrderMaxMs: max('outOfOrderMaxMs'),
    clockJumps: all('clockJumps'),
    clockJumpMaxMs: max('clockJumpMaxMs'),
  };
}

function filesOf(inputs: readonly InputReport[]): FileReport[] {
  const files = new Map<string, FileReport>();
  for (const file of inputs.flatMap((input) => input.files)) {
    const other = files.get(file.file);
    files.set(file.file, other === undefined ? file : { ...other, ...timesOfBoth(other, file) });
  }
  return [...files.values()];
}

function timesOfBoth(a: FileReport, b: FileReport): Pick<FileReport, 'firstTimestamp' | 'lastTimestamp'> {
  const ms = (time: string | null) => (time === null ? [] : [Date.parse(time)]);
  const text = (times: readonly number[], pick: (...ms: number[]) => number) =>
    times.length === 0 ? null : new Date(pick(...times)).toISOString();
  return {
    firstTimestamp: text([...ms(a.firstTimestamp), ...ms(b.firstTimestamp)], Math.min),
    lastTimestamp: text([...ms(a.lastTimestamp), ...ms(b.lastTimestamp)], Math.max),
  };
}

/** What the whole run was asked to do. Files that each part has for itself are named as `{part}` names them. */
function configOf(parts: readonly NamedPart[]): Report['config'] {
  const { report, part } = parts[0]!;
  const { input, deadLetter, checkpoint } = report.config;
  const files = parts.flatMap(({ report: { config } }) => (config.input.kind === 'files' ? config.input.files : []));
  return {
    ...report.config,
    input: input.kind === 'files' ? { ...input, files: [...new Set(files)] } : input,
    deadLetter: deadLetter && namedForAll(deadLetter, part),
    checkpoint: checkpoint && { ...checkpoint, file: namedForAll(checkpoint.file, part) },
  };
}

function namedForAll(file: string, { number, of }: PartReport): string {
  return file.replaceAll(`${number}of${of}`, '{part}');
}

/** Whether anything is left to do, in any part. */
function checkpointOf(parts: readonly NamedPart[]): CheckpointReport | null {
  const checkpoints = parts.flatMap(({ report }) => report.checkpoint ?? []);
  const [first] = checkpoints;
  if (first === undefined) return null;
  const isFinished = checkpoints.length === parts.length && checkpoints.every(({ finished }) => finished);
  const unfinished = checkpoints.find(({ finished }) => !finished);
  return { file: (unfinished ?? first).file, finished: isFinished };
}

function resumedOf(parts: readonly NamedPart[]): ResumedReport | null {
  const resumed = parts.flatMap(({ report }) => report.resumed ?? []);
  if (resumed.length === 0) return null;
  const sum = (value: (one: ResumedReport) => number) => resumed.reduce((total, one) => total + value(one), 0);
  return {
    legs: sum(({ legs }) => legs),
    skipped: sum(({ skipped }) => skipped),
    maybeDuplicated: sum(({ maybeDuplicated }) => maybeDuplicated),
    earlier: {
      sent: sum(({ earlier }) => earlier.sent),
      failed: sum(({ earlier }) => earlier.failed),
      rejected: sum(({ earlier }) => earlier.rejected),
      maybeDuplicated: sum(({ earlier }) => earlier.maybeDuplicated),
      inDoubt: sum(({ earlier }) => earlier.inDoubt),
    },
  };
}

/** Each part says what all ask for. Which keys fill a shard is known to the parts alone. */
function capacity({ records, bytes, shards }: Figures, parts: readonly NamedPart[]): Report['capacity'] | undefined {
  const asked = parts.flatMap(({ report }) => report.capacity ?? []);
  const [first, ...others] = asked;
  if (first === undefined) return undefined;
  const highest: Asked = others.reduce((a, b) => (b.recordsPerSecond > a.recordsPerSecond ? b : a), first);
  const { recordsPerSecond, isPeak } = highest;
  const counts = new Map(shards.map((shard) => [shard.id, shard]));
  const totals = { sent: records.sent, bytesSent: bytes.sent, shards: counts, refusedKeys: [] };
  return capacityOf(parts[0]!.report.target, { recordsPerSecond, isPeak }, totals);
}
