import { crc32 } from 'node:zlib';
import type { ResumedReport, TargetReport } from '../../core/report.js';
import type { FileFingerprint } from './file-fingerprint.js';
import { Ordinals } from './ordinals.js';

const SCHEMA = 'kload.checkpoint/2';
const HEAD = `{"schema":"${SCHEMA}","dispatched":`;
/** The largest number of records that there can be has sixteen digits. JSON has room for spaces before a number. */
const DISPATCHED_WIDTH = 16;
/** The digits of a CRC-32. */
const CRC_WIDTH = 10;

/** What a run that goes on must have as it was. */
export interface RunIdentity {
  readonly files: readonly FileFingerprint[];
  /** By flag, as the user wrote them. */
  readonly options: Readonly<Record<string, string>>;
  readonly target: Pick<TargetReport, 'kind' | 'stream' | 'endpoint' | 'region'>;
}

/** A run at one moment, as its file keeps it. Counts are those of all its legs: from one start to its end each. */
export interface Checkpoint extends RunIdentity {
  /** RFC 3339. */
  readonly savedAt: string;
  /** Records that workers were given since then: kept up to date in the file until there is another checkpoint. */
  readonly dispatched: number;
  readonly legs: number;
  /** Records that were read of the input: the ordinal of the next one. */
  readonly next: number;
  /** Those below `next` that were neither sent, given up nor rejected. */
  readonly unsettled: Ordinals;
  /** Of these, how many the stream could take behind the back of this checkpoint. */
  readonly atRisk: number;
  /** There are no more than `next` records. */
  readonly inputEnded: boolean;
  /** Records that the interruptions before this leg may have doubled. */
  readonly mayBeDoubled: number;
  readonly records: ResumedReport['earlier'];
  /** What holds the dead letters; null without one that can be read again. */
  readonly deadLetters: DeadLetterPlace | null;
}

/** A dead-letter file, and how much of it had been written. */
export interface DeadLetterPlace {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
}

/** Where the count of the records handed over stands in the file: it is written over in place. */
export const DISPATCHED_AT = Buffer.byteLength(HEAD);

/** The count with a checksum of its own, always of the same length. */
export function dispatchedText(dispatched: number): string {
  const text = String(dispatched).padStart(DISPATCHED_WIDTH);
  return `${text},"dispatchedCrc32":${String(crc32(text)).padStart(CRC_WIDTH)}`;
}

export function formatCheckpoint({ dispatched, ...rest }: Checkpoint): string {
  const json = JSON.stringify({ ...rest, unsettled: rest.unsettled.stretches() });
  return `${HEAD}${dispatchedText(dispatched)},"crc32":${crc32(json)},"run":${json}}\n`;
}

/** Reads what `formatCheckpoint` wrote; undefined where any of it differs, or its counts do not add up. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const { dispatched, run } = objectOf(text);
  const stored = isObject(run) ? { dispatched, ...run } : {};
  if (!hasShape(stored)) return undefined;
  const unsettled = Ordinals.fromStretches(stored.unsettled, stored.next);
  if (unsettled === undefined) return undefined;
  const checkpoint = { ...stored, unsettled };
  // Written again it is the same text only if its schema and its checksums are right.
  return addsUp(checkpoint) && formatCheckpoint(checkpoint) === text ? checkpoint : undefined;
}

/** Whether each record below `next` has one fate. */
function addsUp({ next, unsettled, atRisk, records }: Checkpoint): boolean {
  const settled = records.sent + records.failed + records.rejected;
  return settled + unsettled.count === next && atRisk <= unsettled.count;
}

/** Whether the text is some checkpoint, of whatever version. */
export function isCheckpoint(text: string): boolean {
  return text.startsWith('{"schema":"kload.checkpoint/');
}

/** How many records may stand in the stream twice when the run goes on from here, the interruptions before it included. */
export function mayBeDoubled({ mayBeDoubled, atRisk, dispatched }: Checkpoint): number {
  return mayBeDoubled + atRisk + dispatched;
}

/** Whether anything was sent: a run that ended before that leaves nothing to go on with. */
export function hasBegun({ legs, next, dispatched }: Checkpoint): boolean {
  return legs > 1 || next > 0 || dispatched > 0;
}

/** @param count of records that the run is to have at most */
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
  const { files, options, target, records, deadLetters } = value;
  const counts = ['dispatched', 'legs', 'next', 'atRisk', 'mayBeDoubled'].map((name) => value[name]);
  if (!isObject(options) || !isObject(target) || !isObject(records) || !Array.isArray(files)) return false;
  for (const name of ['sent', 'failed', 'rejected', 'maybeDuplicated', 'inDoubt']) counts.push(records[name]);
  return (
    counts.every(isCount) &&
    typeof value.inputEnded === 'boolean' &&
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
