import { crc32 } from 'node:zlib';
import type { ResumedReport, TargetReport } from '../../core/report.js';
import type { FileFingerprint } from './file-fingerprint.js';
import { Ordinals } from './ordinals.js';

const SCHEMA = 'kload.checkpoint/2';
const HEAD = `{"schema":"${SCHEMA}","dispatched":`;
/** The largest safe integer has sixteen digits. JSON allows spaces before a number. */
const DISPATCHED_WIDTH = 16;
/** Decimal digits of the largest CRC-32. */
const CRC_WIDTH = 10;

/** What must not change between the legs of a run. */
export interface RunIdentity {
  readonly files: readonly FileFingerprint[];
  /** The value of each flag, as the user wrote it. */
  readonly options: Readonly<Record<string, string>>;
  readonly target: Pick<TargetReport, 'kind' | 'stream' | 'endpoint' | 'region'>;
}

/**
 * A run at one moment, as its checkpoint file holds it. A leg is one process of the run. Counts cover all legs so far.
 */
export interface Checkpoint extends RunIdentity {
  /** RFC 3339. */
  readonly savedAt: string;
  /** Records dispatched since `savedAt`. The file is updated with each dispatch, until the next checkpoint. */
  readonly dispatched: number;
  readonly legs: number;
  /** The number of records that were read from the input. Also the ordinal of the next one. */
  readonly next: number;
  /** Records before `next` that were neither sent, given up nor rejected. */
  readonly unsettled: Ordinals;
  /** How many of the unsettled records the stream may hold already, or get after this checkpoint. */
  readonly atRisk: number;
  /** No record is to be read after these: the input has exactly `next` records, or the rate has ended. */
  readonly inputEnded: boolean;
  /** For a part of a run: how many of the records before `next` other parts send. */
  readonly others?: number;
  /** For stages: how much of them is done, in milliseconds. */
  readonly scheduleMs: number;
  /** How many records may be in the stream twice because of interruptions before this leg. */
  readonly mayBeDoubled: number;
  readonly records: ResumedReport['earlier'];
  /** null without a dead-letter file, or if it is a pipe or a device. */
  readonly deadLetters: DeadLetterPosition | null;
}

/** A dead-letter file, and its size at a checkpoint. */
export interface DeadLetterPosition {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
}

/** The position of the count of dispatched records in the file: it is overwritten in place. */
export const DISPATCHED_AT = Buffer.byteLength(HEAD);

/** The count and its own checksum, always of the same length. */
export function dispatchedText(dispatched: number): string {
  const text = String(dispatched).padStart(DISPATCHED_WIDTH);
  return `${text},"dispatchedCrc32":${String(crc32(text)).padStart(CRC_WIDTH)}`;
}

export function formatCheckpoint({ dispatched, ...rest }: Checkpoint): string {
  const json = JSON.stringify({ ...rest, unsettled: rest.unsettled.stretches() });
  return `${HEAD}${dispatchedText(dispatched)},"crc32":${crc32(json)},"run":${json}}\n`;
}

/** Parses what `formatCheckpoint` wrote; undefined if the text is damaged, or its counts do not add up. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const { dispatched, run } = objectOf(text);
  const stored = isObject(run) ? { dispatched, ...run } : {};
  if (!hasShape(stored)) return undefined;
  const unsettled = Ordinals.fromStretches(stored.unsettled, stored.next);
  if (unsettled === undefined) return undefined;
  const checkpoint = { ...stored, unsettled };
  // Formatting it again gives the same text only if the schema and the checksums are right.
  return addsUp(checkpoint) && formatCheckpoint(checkpoint) === text ? checkpoint : undefined;
}

/** Whether each record before `next` was sent, given up, rejected, is unsettled, or is another part's. */
function addsUp({ next, unsettled, atRisk, records, others = 0 }: Checkpoint): boolean {
  const settled = records.sent + records.failed + records.rejected + others;
  return settled + unsettled.count === next && atRisk <= unsettled.count;
}

/** Whether the text is a checkpoint of any version. */
export function isCheckpoint(text: string): boolean {
  return text.startsWith('{"schema":"kload.checkpoint/');
}

/** How many records may be in the stream twice when the run resumes from here, because of all interruptions so far. */
export function mayBeDoubled({ mayBeDoubled, atRisk, dispatched }: Checkpoint): number {
  return mayBeDoubled + atRisk + dispatched;
}

/** False if no record was dispatched or read: then there is nothing to resume. */
export function hasBegun({ legs, next, dispatched }: Checkpoint): boolean {
  return legs > 1 || next > 0 || dispatched > 0;
}

/** True if nothing is left to send. @param count the largest number of records in the run (`--count`) */
export function isFinished({ unsettled, next, inputEnded }: Checkpoint, count = Number.POSITIVE_INFINITY): boolean {
  return unsettled.count === 0 && (inputEnded || next >= count);
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

type Stored = Omit<Checkpoint, 'unsettled'> & { readonly unsettled: unknown };

function hasShape(value: Record<string, unknown>): value is Record<string, unknown> & Stored {
  const { files, options, target, records, deadLetters, others = 0 } = value;
  const counts = [others, ...['dispatched', 'legs', 'next', 'atRisk', 'mayBeDoubled'].map((name) => value[name])];
  if (!isObject(options) || !isObject(target) || !isObject(records) || !Array.isArray(files)) return false;
  for (const name of ['sent', 'failed', 'rejected', 'maybeDuplicated', 'inDoubt']) counts.push(records[name]);
  return (
    counts.every(isCount) &&
    typeof value.inputEnded === 'boolean' &&
    typeof value.scheduleMs === 'number' &&
    value.scheduleMs >= 0 &&
    typeof value.savedAt === 'string' &&
    Object.values(options).every((option) => typeof option === 'string') &&
    files.every((file) => isObject(file) && typeof file.path === 'string' && typeof file.bytes === 'number') &&
    (deadLetters === null ||
      (isObject(deadLetters) && typeof deadLetters.path === 'string' && isCount(deadLetters.bytes)))
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
