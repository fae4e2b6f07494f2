import { CR, LF, SPACE, TAB } from '../bytes/ascii.js';
import type { RecordBlock } from '../core/record.js';
import type { FileReading } from '../core/report.js';
import { afterMark, MARK_FIRST } from './bytes/byte-order-mark.js';
import type { RecordParser } from './record-parser.js';
import { RecordSkipper } from './record-skipper.js';

/** Room in the block's bytes for text that can't be left where it is: twice what the lines have. */
export interface Spare {
  at: number;
}

/** What one line means. */
export interface LineFormat {
  readonly reading: Pick<FileReading, 'format' | 'data' | 'time' | 'key'>;
  /** Where the line that begins at `from` ends, at its line feed, if that can be told sooner than by looking for it; else -1. */
  endOfLine?(bytes: Buffer, from: number, to: number): number;
  /** Adds the line `bytes[from, to)`, without its end, to the block, or returns what is wrong with it. `endOfLine` came before. */
  addLine(bytes: Buffer, from: number, to: number, line: number, block: RecordBlock, spare: Spare): string | undefined;
}

/** One record a line; lines end in LF or CR LF, and empty ones are skipped. */
export class LineParser implements RecordParser {
  line = 1;
  records = 0;
  readonly reading: Omit<FileReading, 'file'>;
  readonly #format: LineFormat;
  readonly #lineEnd: number;
  #skipper = new RecordSkipper('line');

  /** @param lineEnd LF, or CR where there is none */
  constructor(format: LineFormat, lineEnd: number = LF) {
    this.#format = format;
    this.#lineEnd = lineEnd;
    this.reading = { header: null, delimiter: null, repeatedHeaders: 0, ...format.reading };
  }

  parse(bytes: Buffer, from: number, to: number, final: boolean, block: RecordBlock): number {
    const unread = bytes.subarray(0, to);
    const spare = { at: to };
    let at = from;
    while (at < to && !block.full) {
      const start = bytes[at] === MARK_FIRST ? afterMark(bytes, at, to, final) : at;
      if (start < 0) break;
      const known = this.#lineEnd === LF ? (this.#format.endOfLine?.(bytes, start, to) ?? -1) : -1;
      const lineFeed = known < 0 ? unread.indexOf(this.#lineEnd, start) : known;
      if (lineFeed < 0 && !final) break;
      const lineEnd = lineFeed < 0 ? to : lineFeed;
      this.#takeLine(bytes, start, bytes[lineEnd - 1] === CR && lineEnd > start ? lineEnd - 1 : lineEnd, block, spare);
      this.line++;
      at = lineFeed < 0 ? to : lineFeed + 1;
    }
    return at;
  }

  skip(bytes: Buffer, from: number, to: number, isFirst: boolean): number {
    if (isFirst) {
      this.records++;
      this.#skipper = new RecordSkipper('line', this.#lineEnd);
    }
    const end = this.#skipper.skip(bytes, from, to);
    this.line += this.#skipper.lines;
    this.#skipper.lines = 0;
    return end;
  }

  emptyReason(): string {
    return 'is empty';
  }

  #takeLine(bytes: Buffer, from: number, to: number, block: RecordBlock, spare: Spare): void {
    if (isBlank(bytes, from, to)) return;
    this.records++;
    const problem = this.#format.addLine(bytes, from, to, this.line, block, spare);
    if (problem !== undefined) block.addBad(this.line, problem);
  }
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  let at = from;
  while (at < to && (bytes[at] === SPACE || bytes[at] === TAB || bytes[at] === CR)) at++;
  return at === to;
}
