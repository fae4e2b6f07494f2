import type { BadRecord } from '../../core/record.js';
import type { FileReading } from '../../core/report.js';
import { readingText } from '../../report/input-text.js';

/**
 * What helps against a bad record; undefined: the reason says it.
 *
 * @param reading      how its file is read, where nothing of that could be used before: then the file may be something else
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
  return `it is read as ${readingText(reading, hasSharedKey)}: pass --format if it is something else, or ${skip}`;
}
