import { KloadError } from '../../core/errors.js';
import type { RecordBlock } from '../../core/record.js';
import { FIELD_FLAGS, type Format, NOT_CSV } from '../format.js';
import { type LineFormat, LineParser } from '../line-parser.js';

/** Lines of any text: each is the data as it stands. */
export const LINES: Format = {
  name: 'lines',
  extensions: [],
  ignores: [
    NOT_CSV,
    {
      flags: [...FIELD_FLAGS, '--timestamp-format', '--timestamp-zone'],
      because: 'is read as lines of text',
      hint: 'leave it out, or pass --format csv',
    },
  ],

  recognises: () => true,

  createParser({ label, lineEnd }, { needsTimestamp }) {
    if (needsTimestamp) {
      const hint = 'send them at a rate with --rps; if the file has columns, pass --format csv';
      throw new KloadError('input', `${label} is read as lines of text, which have no times`, hint);
    }
    return new LineParser(new TextLine(), lineEnd);
  },
};

class TextLine implements LineFormat {
  readonly reading = { format: 'lines', data: 'the whole line', time: null, key: null } as const;

  addLine(_bytes: Buffer, from: number, to: number, line: number, block: RecordBlock): undefined {
    block.add(from, to, Number.NaN, line);
  }
}
