import type { BadRecord } from '../../core/record.js';
import type { FileReading } from '../../core/report.js';
import { readingText } from '../../report/input-text.js';

/** How the reasons begin that are about a field, and the option that names it. */
const FIELD_FLAGS: readonly (readonly [string, string])[] = [
  ['timestamp ', '--timestamp-field'],
  ['partition key ', '--partition-key-field'],
  ['explicit hash key ', '--explicit-hash-key-field'],
];

/**
 * What helps against a bad record; undefined: the reason says it.
 *
 * @param reading      how its file is read, if no record of it was good so far: then the file may be something else
 * @param hasSharedKey whether --partition-key gives all records their key
 */
export function badRecordHint(
  { reason }: BadRecord,
  reading: FileReading | undefined,
  hasSharedKey: boolean,
): string | undefined {
  if (reason.includes('pass --')) return undefined;
  if (reading === undefined) return 'fix the record, or pass --on-bad-record skip';
  const skip = '--on-bad-record skip to leave out such records';
  const flag = FIELD_FLAGS.find(([start]) => reason.startsWith(start))?.[1];
  if (flag !== undefined && reading.format !== 'kload') {
    return `it is read as ${readingText(reading, hasSharedKey)}: name another field with ${flag}, or pass ${skip}`;
  }
  return `it is read as ${readingText(reading, hasSharedKey)}: pass --format if it is something else, or ${skip}`;
}
