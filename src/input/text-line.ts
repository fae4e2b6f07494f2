import type { RecordBlock } from '../core/record.js';
import type { LineFormat } from './line-parser.js';

/** A line of any text: it is the data as it stands. */
export class TextLine implements LineFormat {
  readonly reading = { format: 'lines', data: 'the whole line', time: null, key: null } as const;

  addLine(_bytes: Buffer, from: number, to: number, line: number, block: RecordBlock): undefined {
    block.add(from, to, Number.NaN, line);
  }
}
