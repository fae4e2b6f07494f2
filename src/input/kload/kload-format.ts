import { FIELD_FLAGS, type Format, NOT_CSV } from '../format.js';
import { LineParser } from '../line-parser.js';
import { isKloadRecord, KloadLine } from './kload-line.js';

/** Records that kload wrote: dead letters, and what `kload record` and `kload tail` wrote. */
export const KLOAD_RECORDS: Format = {
  name: 'kload',
  extensions: [],
  ignoresExtension: true,
  ignores: [
    NOT_CSV,
    {
      flags: [...FIELD_FLAGS, '--timestamp-format', '--timestamp-zone', '--data-encoding', '--unwrap'],
      because: 'holds kload records, which bring their own fields',
      hint: 'leave it out',
    },
  ],

  recognises: ({ firstLine }) => isKloadRecord(firstLine),

  createParser: ({ lineEnd }, { needsTimestamp, traits }) =>
    new LineParser(new KloadLine(needsTimestamp, traits), lineEnd),
};
