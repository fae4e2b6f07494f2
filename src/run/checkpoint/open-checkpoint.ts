import type { CheckpointPlan } from '../../config/checkpoint-plan.js';
import { KloadError } from '../../core/errors.js';
import type { ResumedReport } from '../../core/report.js';
import { formatCount } from '../../core/units.js';
import type { ProcessLock } from '../../system/process-lock.js';
import { type Checkpoint, hasBegun, isFinished, mayBeDoubled, type RunIdentity } from './checkpoint.js';
import { CheckpointFile, lockCheckpoint } from './checkpoint-file.js';
import { type FileFingerprint, fingerprintOf } from './file-fingerprint.js';
import { type LaterLines, setLaterLinesAside } from './later-lines.js';
import { Resumption } from './resumption.js';

/** What a run with a checkpoint file begins with. */
export interface OpenCheckpoint {
  readonly plan: CheckpointPlan;
  /** No other run has the file until it is released. */
  readonly lock: ProcessLock;
  readonly files: readonly FileFingerprint[];
  /** The last checkpoint of the legs before this one; undefined: the run begins. */
  readonly earlier: Checkpoint | undefined;
  /** Records that the run is to have at most. */
  readonly count: number | undefined;
  /** Nothing is left to do. */
  readonly finished: boolean;
  /** Dead letters of records that this leg sends again. */
  readonly laterLines: LaterLines | undefined;
}

/**
 * Takes the checkpoint file of a run, and looks at it and at the input.
 *
 * @param count of records that the run is to have at most
 * @throws KloadError where the run must not begin, or cannot go on
 */
export async function openCheckpoint(
  plan: CheckpointPlan,
  inputs: readonly string[],
  count: number | undefined,
): Promise<OpenCheckpoint> {
  const lock = await lockCheckpoint(plan.file);
  try {
    return { lock, laterLines: undefined, ...(await readCheckpoint(plan, inputs, count)) };
  } catch (error) {
    await lock.release();
    throw error;
  }
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
      `--checkpoint ${plan.file} is that of a run that is not finished`,
      'pass --resume to go on with it, or delete it to begin anew',
    );
  }
  const earlier = plan.resume ? found : undefined;
  if (earlier !== undefined) refuseDifferences(plan.file, differences(earlier, { files, options: plan.options }));
  return { plan, files, earlier, count, finished: finished && plan.resume };
}

/** @throws KloadError `usage` where the earlier legs sent elsewhere */
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
 * Takes what the legs before gave up after their last checkpoint out of the dead letters.
 *
 * @throws KloadError `output` where that fails
 */
export function withoutLaterLines(checkpoint: OpenCheckpoint): OpenCheckpoint {
  const place = checkpoint.finished ? undefined : checkpoint.earlier?.deadLetters;
  return { ...checkpoint, laterLines: place ? setLaterLinesAside(place) : undefined };
}

/** What a resumed leg tells of those before it. */
export function resumedReport({ earlier }: OpenCheckpoint): ResumedReport | null {
  if (earlier === undefined) return null;
  const { legs, next, unsettled, records } = earlier;
  return { legs, skipped: next - unsettled.count, maybeDuplicated: mayBeDoubled(earlier), earlier: records };
}

/** How a resumed leg begins, in a line for people; undefined for a run that begins. */
export function resumedText({ plan, earlier, finished, laterLines }: OpenCheckpoint): string | undefined {
  if (earlier === undefined) return undefined;
  if (finished) return `${plan.file}: the run is finished, nothing is left to send`;
  const skipped = formatCount(earlier.next - earlier.unsettled.count);
  const anew = earlier.atRisk + earlier.dispatched;
  const all = mayBeDoubled(earlier);
  const doubled =
    anew === 0 ? 'none of the others was sent' : `at most ${formatCount(anew)} records may be there twice`;
  const before = all > anew ? `, ${formatCount(all)} with the interruptions before` : '';
  const text = `goes on from ${plan.file}: ${skipped} records are settled and passed over; ${doubled}${before}`;
  if (laterLines === undefined) return text;
  const { count, from, to } = laterLines;
  return `${text}; dead letters moved from ${from} to ${to}, because their records are sent again: ${formatCount(count)}`;
}

export function resumptionOf({ earlier }: OpenCheckpoint): Resumption | undefined {
  return earlier && new Resumption(earlier.next, earlier.unsettled);
}

function refuseDifferences(file: string, changed: readonly string[]): void {
  if (changed.length === 0) return;
  throw new KloadError(
    'usage',
    `--checkpoint ${file} is that of another run: ${changed.join('; ')}`,
    'resume with what the run began with, or delete the checkpoint (or name another) to begin anew',
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
      } else if (file.head !== head || file.tail !== tail) changed.push(`${file.path} holds something else`);
    }
  }
  for (const flag of new Set([...Object.keys(was.options), ...Object.keys(is.options)])) {
    const [before, now] = [was.options[flag], is.options[flag]];
    if (before !== now) changed.push(`${flag} was ${before ?? 'left out'} and is ${now ?? 'left out'}`);
  }
  return changed;
}
