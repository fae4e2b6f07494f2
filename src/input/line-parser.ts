import { CR, LF, SPACE, TAB } from '../bytes/ascii.js';
import type { RecordBlock } from '../core/record.js';
import type { FileReading } from '../core/report.js';
import { afterMark, MARK_FIRST } from './bytes/file-start.js';
import type { RecordParser } from './record-parser.js';
import { RecordSkipper } from './record-skipper.js';

/** Room after the lines for text that can't be unescaped in place: twice the length of the lines. */
export interface Spare {
  /** Where the free room begins. */
  at: number;
}

/** Makes a record of a line. */
export interface LineFormat {
  readonly reading: Pick<FileReading, 'format' | 'data' | 'time' | 'key'>;
  /** Where the line at `from` ends, at its line feed, if that can be found faster than by searching; else -1. */
  endOfLine?(bytes: Buffer, from: number, to: number): number;
  /**
   * Adds the line `bytes[from, to)`, without its end, to the block, or returns what is wrong. `endOfLine` was called
   * before.
   */
  addLine(bytes: Buffer, from: number, to: number, line: number, block: RecordBlock, spare: Spare): string | undefined;
}

/** One record a line. Lines end in LF, CR LF or CR; blank lines are skipped. */
export class LineParser implements RecordParser {
  line = 1;
  records = 0;
  readonly reading: Omit<FileReading, 'file'>;
  readonly #format: LineFormat;
  readonly #lineEnd: number;

  /** @param lineEnd LF, or CR if the file has no LF */
  constructor(format: LineFormat, lineEnd: number) {
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

  skipRecord(): RecordSkipper {
    this.records++;
    return new RecordSkipper('line', this.#lineEnd);
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
