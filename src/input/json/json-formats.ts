import { LF } from '../../bytes/ascii.js';
import { KloadError } from '../../core/errors.js';
import { type FileHead, type Format, NOT_CSV } from '../format.js';
import type { InputOptions } from '../input-options.js';
import { LineParser } from '../line-parser.js';
import { isJson, isJsonDocuments, JsonDocuments } from './json-documents.js';
import { NdjsonLine } from './ndjson-line.js';

const EXTENSIONS = ['ndjson', 'jsonl', 'json'];

/** JSON values over any lines, arrays and envelopes of records. */
export const JSON_VALUES: Format = {
  name: 'json',
  extensions: EXTENSIONS,
  ignores: [NOT_CSV],
  recognises: (head) => mayBeJson(head) && isJsonDocuments(head.bytes, head.firstLine, head.isLone),
  createParser: (head, options) => new JsonDocuments(createLine(head, options)),
};

/** One JSON value a line. */
export const NDJSON: Format = {
  name: 'ndjson',
  extensions: EXTENSIONS,
  ignores: [NOT_CSV],
  recognises: mayBeJson,

  createParser(head, options) {
    // JSON may have a CR between its tokens.
    return new LineParser(createLine(head, options), isJson(head.firstLine) ? head.lineEnd : LF);
  },
};

/** Whether a line begins with a JSON object or array. Brackets around a time, as in logs, are neither. */
function mayBeJson({ extension, firstLine }: FileHead): boolean {
  return EXTENSIONS.includes(extension) || /^\s*(\{\s*("|\}|$)|\[\s*(["[{\]]|-?\d+\s*[,\]]|$))/.test(firstLine);
}

function createLine({ label }: FileHead, options: InputOptions): NdjsonLine {
  const { dataEncoding = 'utf8', dataField, needsTimestamp, timestampField } = options;
  if (dataEncoding !== 'utf8' && dataField === undefined) {
    const hint = 'name the field that is encoded with --data-field';
    throw new KloadError('usage', `${label}: a whole JSON value is not ${dataEncoding}`, hint);
  }
  if (needsTimestamp && timestampField === undefined) {
    const hint = 'for example --timestamp-field .ts';
    throw new KloadError('input', `${label}: JSON needs --timestamp-field for its records' times`, hint);
  }
  return new NdjsonLine(options);
}
