import { KloadError } from '../core/errors.js';
import { CSV } from './csv/csv-format.js';
import { type FileHead, type Format, firstGiven } from './format.js';
import type { InputOptions } from './input-options.js';
import { JSON_VALUES, NDJSON } from './json/json-formats.js';
import { KLOAD_RECORDS } from './kload/kload-format.js';
import type { RecordParser } from './record-parser.js';
import { LINES } from './text/text-format.js';

/** The formats, in the order in which they are tried. The last one reads anything. A new one is a folder and a line. */
const FORMATS: readonly Format[] = [KLOAD_RECORDS, JSON_VALUES, NDJSON, CSV, LINES];

/**
 * Creates the parser for a file: of the format that was asked for, or the one that its name or its beginning shows.
 *
 * @throws KloadError `input` for a file that no parser can read records from, `usage` for an option that has no effect
 */
export function createParser(head: FileHead, options: InputOptions): RecordParser {
  const format = FORMATS.find(({ name }) => name === options.format) ?? recognise(head, options);
  for (const { flags, because, hint } of format.ignores) {
    const flag = firstGiven(flags, options);
    if (flag !== undefined) throw new KloadError('usage', `${head.label} ${because}: ${flag} has no effect`, hint);
  }
  return format.createParser(head, options);
}

/**
 * Among the formats with the file's extension, or all if none has it, the first that recognises the file, or the last.
 */
function recognise(head: FileHead, options: InputOptions): Format {
  const hasExtension = ({ extensions }: Format) => extensions.includes(head.extension);
  const isAnyOpen = !FORMATS.some(hasExtension);
  const open = FORMATS.filter((format) => isAnyOpen || format.ignoresExtension === true || hasExtension(format));
  return open.find((format) => format.recognises(head, options)) ?? open.at(-1)!;
}
