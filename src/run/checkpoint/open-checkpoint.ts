import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CheckpointPlan } from '../../config/checkpoint-plan.js';
import { KloadError } from '../../core/errors.js';
import type { ResumedReport } from '../../core/report.js';
import { formatCount } from '../../core/units.js';
import type { ProcessLock } from '../../system/process-lock.js';
import { type Checkpoint, hasBegun, isFinished, mayBeDoubled, type RunIdentity } from './checkpoint.js';
import { CheckpointFile, lockCheckpoint } from './checkpoint-file.js';
import { EarlierLegs } from './earlier-legs.js';
import { type FileFingerprint, fingerprintOf } from './file-fingerprint.js';
import { type LaterLines, moveLaterLines } from './later-lines.js';

/** What a run with a checkpoint file starts with. */
export interface OpenCheckpoint {
  readonly plan: CheckpointPlan;
  /** Keeps other runs from using the file, until the lock is released. */
  readonly lock: ProcessLock;
  readonly files: readonly FileFingerprint[];
  /** The last checkpoint of the earlier legs; undefined for a new run. */
  readonly earlier: Checkpoint | undefined;
  /** The largest number of records in the run (`--count`). */
  readonly count: number | undefined;
  /** Nothing is left to send. */
  readonly finished: boolean;
  /** Dead letters of records that this leg sends again. */
  readonly laterLines: LaterLines | undefined;
}

/**
 * Locks and reads the checkpoint file of a run, and fingerprints its input files.
 *
 * @param count the largest number of records in the run (`--count`)
 * @throws KloadError if the run must not start, or cannot be resumed
 */
export async function openCheckpoint(
  plan: CheckpointPlan,
  inputs: readonly string[],
  count: number | undefined,
): Promise<OpenCheckpoint> {
  refuseOtherSplits(plan);
  const lock = await lockCheckpoint(plan.file);
  try {
    return { lock, laterLines: undefined, ...(await readCheckpoint(plan, inputs, count)) };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * The checkpoints of a run in another number of parts do not say what this one has to send.
 *
 * @throws KloadError `usage` if there is one
 */
function refuseOtherSplits({ file, named, options }: CheckpointPlan): void {
  const [, of] = /\/(\d+)$/.exec(options['--part'] ?? '') ?? [];
  const [folder, name] = [dirname(named), basename(named)];
  const others = (existsSync(folder) ? readdirSync(folder) : []).filter((other) => {
    const [, parts] = other.startsWith(`${name}.`) ? (/^\d+of(\d+)$/.exec(other.slice(name.length + 1)) ?? []) : [];
    return parts !== undefined && parts !== of;
  });
  if (of !== undefined && file !== named && existsSync(named)) others.push(name);
  const [other] = others.sort();
  if (other === undefined) return;
  const parts = of === undefined ? 'is not split' : `has ${of} parts`;
  throw new KloadError(
    'usage',
    `--checkpoint ${named}: ${join(folder, other)} is the checkpoint of a run in another number of parts, and this one ${parts}`,
    'resume with as many parts as before, or delete the checkpoints to start from the beginning',
  );
}

async function readCheckpoint(
  plan: CheckpointPlan,
  inputs: readonly string[],
  count: number | undefined,
): Promise<Omit<OpenCheckpoint, 'lock' | 'laterLines'>> {
  const files: FileFingerprint[] = [];
  for (const input of inputs) files.push(await fingerprintOf(input));
  const found = await CheckpointFile.read(plan.file);
  const finished = found !== undefined && isFinished(found, count);
  if (found !== undefined && hasBegun(found) && !finished && !plan.resume) {
    throw new KloadError(
      'usage',
      `--checkpoint ${plan.file} is the checkpoint of an unfinished run`,
      'pass --resume to continue it, or delete the checkpoint to start from the beginning',
    );
  }
  const earlier = plan.resume ? found : undefined;
  if (earlier !== undefined) refuseDifferences(plan.file, differences(earlier, { files, options: plan.options }));
  return { plan, files, earlier, count, finished: finished && plan.resume };
}

/** @throws KloadError `usage` if the earlier legs sent to another target */
export function checkTarget({ plan, earlier }: OpenCheckpoint, target: RunIdentity['target']): void {
  if (earlier === undefined) return;
  const changed: string[] = [];
  for (const name of ['kind', 'stream', 'endpoint', 'region'] as const) {
    const [was, is] = [earlier.target[name], target[name]];
    if (was !== is) changed.push(`the target's ${name} was ${was ?? 'none'} and is ${is ?? 'none'}`);
  }
  refuseDifferences(plan.file, changed);
}

/**
 * Moves dead letters that earlier legs wrote after their last checkpoint out of the dead-letter file: their records are
 * sent again.
 *
 * @throws KloadError `output` if they cannot be moved
 */
export function withoutLaterLines(checkpoint: OpenCheckpoint): OpenCheckpoint {
  const position = checkpoint.finished ? undefined : checkpoint.earlier?.deadLetters;
  return { ...checkpoint, laterLines: position ? moveLaterLines(position) : undefined };
}

/** The part of the report about the earlier legs; null for a new run. */
export function resumedReport({ earlier }: OpenCheckpoint): ResumedReport | null {
  if (earlier === undefined) return null;
  const { legs, records } = earlier;
  return { legs, skipped: settledBy(earlier), maybeDuplicated: mayBeDoubled(earlier), earlier: records };
}

/** Records that the earlier legs settled. */
function settledBy({ next, unsettled, others = 0 }: Checkpoint): number {
  return next - unsettled.count - others;
}

/** One line about the earlier legs of a resumed run; undefined for a new run. */
export function resumedText({ plan, earlier, finished, laterLines }: OpenCheckpoint): string | undefined {
  if (earlier === undefined) return undefined;
  if (finished) return `${plan.file}: the run is finished, nothing is left to send`;
  const skipped = formatCount(settledBy(earlier));
  const sinceLast = earlier.atRisk + earlier.dispatched;
  const all = mayBeDoubled(earlier);
  const doubled =
    sinceLast === 0 ? 'none of the others was sent' : `at most ${formatCount(sinceLast)} may be sent twice`;
  const before = all > sinceLast ? ` (${formatCount(all)} with earlier interruptions)` : '';
  const text = `resumes from ${plan.file}: ${skipped} records are settled and skipped; ${doubled}${before}`;
  if (laterLines === undefined) return text;
  const { count, from, to } = laterLines;
  const moved = `dead letters moved from ${from} to ${to}, because their records are sent again`;
  return `${text}; ${moved}: ${formatCount(count)}`;
}

/** What the earlier legs left to send; undefined for a new run. */
export function earlierLegsOf({ earlier }: OpenCheckpoint): EarlierLegs | undefined {
  return earlier && new EarlierLegs(earlier.next, earlier.unsettled);
}

function refuseDifferences(file: string, changed: readonly string[]): void {
  if (changed.length === 0) return;
  throw new KloadError(
    'usage',
    `--checkpoint ${file} is the checkpoint of another run: ${changed.join('; ')}`,
    'resume with the original settings, or delete the checkpoint (or name another) to start from the beginning',
  );
}

function differences(was: Omit<RunIdentity, 'target'>, is: Omit<RunIdentity, 'target'>): string[] {
  const changed: string[] = [];
  const named = (files: readonly FileFingerprint[]) => files.map(({ path }) => path).join(', ');
  if (named(was.files) !== named(is.files)) changed.push(`its input was ${named(was.files)} and is ${named(is.files)}`);
  else {
    for (const [at, file] of is.files.entries()) {
      const { bytes, head, tail } = was.files[at]!;
      if (file.bytes !== bytes) {
        changed.push(`${file.path} had ${formatCount(bytes)} bytes and has ${formatCount(file.bytes)}`);
      } else if (file.head !== head || file.tail !== tail) changed.push(`${file.path} has other contents`);
    }
  }
  for (const flag of new Set([...Object.keys(was.options), ...Object.keys(is.options)])) {
    const [before, now] = [was.options[flag], is.options[flag]];
    if (before !== now) changed.push(`${flag} was ${before ?? 'left out'} and is ${now ?? 'left out'}`);
  }
  return changed;
}
