import { EventEmitter, once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';

export const ESC = '\x1b';
const TOKEN = new RegExp(`${ESC}\\[(\\??)([\\d;]*)([A-Za-z])|[^]`, 'gu');
const UNFINISHED = new RegExp(`${ESC}(\\[\\??[\\d;]*)?$`);
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uff01-\uff60\u{1f300}-\u{1f5ff}\u{20000}-\u{3fffd}]/u;
const WIDE_EMOJI = /\p{Emoji_Presentation}/u;

function widthOf(character: string): number {
  const cp = character.codePointAt(0) ?? 0;
  if (cp >= 0x1f300 && cp <= 0x1f5ff) return WIDE_EMOJI.test(character) ? 2 : 1;
  return WIDE.test(character) ? 2 : 1;
}

/** The part of a terminal that the dashboard uses. Unknown sequences and text that would wrap or scroll are faults. */
export class Terminal extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;
  /** Everything that was written, and the faults in it. */
  written = '';
  readonly faults: string[] = [];
  readonly modes = new Set<string>();
  #cells: string[][] = [];
  /** The beginning of a sequence whose end is in the next chunk. */
  #rest = '';
  #nextSize: { readonly columns: number; readonly rows: number } | undefined;
  #row = 0;
  #column = 0;
  readonly #frames = new EventEmitter();

  constructor(columns: number, rows: number) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
  }

  get stream(): WriteStream {
    return this as unknown as WriteStream;
  }

  get screen(): string[] {
    return Array.from({ length: this.rows }, (_, row) => (this.#cells[row] ?? []).join('').trimEnd());
  }

  get text(): string {
    return this.screen.join('\n');
  }

  /** Gets another size when it is cleared for it: frames on the way have the old size. Resolves when it is drawn. */
  async resizes(columns: number, rows: number): Promise<void> {
    this.#nextSize = { columns, rows };
    while (this.#nextSize !== undefined || this.modes.has('2026')) await this.frame();
  }

  /** Resolves with the screen once it shows this. Only the time limit of the test bounds the wait. */
  async shows(wanted: string | RegExp): Promise<string> {
    while (this.text.search(wanted instanceof RegExp ? wanted : new RegExp(literally(wanted))) < 0) await this.frame();
    return this.text;
  }

  async frame(): Promise<void> {
    await once(this.#frames, 'frame');
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.written += chunk;
    const text = this.#rest + chunk;
    const whole = text.length - (UNFINISHED.exec(text)?.[0].length ?? 0);
    this.#rest = text.slice(whole);
    for (const [token, privately, parameters, command] of text.slice(0, whole).matchAll(TOKEN)) {
      if (command !== undefined) this.#control(privately === '?', parameters ?? '', command);
      else this.#print(token);
    }
    this.#frames.emit('frame');
    done();
  }

  #control(privately: boolean, parameters: string, command: string): void {
    if (privately && command === 'h') this.modes.add(parameters);
    else if (privately && command === 'l') this.modes.delete(parameters);
    else if (command === 'H') {
      const [row = 1, column = 1] = parameters.split(';').map(Number);
      this.#row = row - 1;
      this.#column = column - 1;
    } else if (command === 'J' && parameters === '2') this.#clear();
    else if (command === 'K' && parameters === '2') this.#cells[this.#row] = [];
    else if (command !== 'm') this.faults.push(`unknown sequence ${parameters}${command}`);
  }

  #clear(): void {
    this.#cells = [];
    Object.assign(this, this.#nextSize);
    this.#nextSize = undefined;
  }

  #print(character: string): void {
    const width = widthOf(character);
    if (/\p{C}/u.test(character)) this.faults.push(`control character ${JSON.stringify(character)}`);
    if (this.#row >= this.rows || this.#column + width > this.columns)
      this.faults.push(`outside at row ${this.#row + 1}`);
    const row = this.#cells[this.#row] ?? [];
    this.#cells[this.#row] = row;
    while (row.length < this.#column) row.push(' ');
    row[this.#column] = character;
    if (width === 2) row[this.#column + 1] = '';
    this.#column += width;
  }
}

/** The source of a pattern that matches the text. */
export function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Standard input: keys arrive as a terminal in raw mode sends them. */
export class Keyboard extends PassThrough {
  readonly isTTY: boolean;
  readonly rawModes: boolean[] = [];

  constructor(isTTY = true) {
    super();
    this.isTTY = isTTY;
  }

  get stream(): ReadStream {
    return this as unknown as ReadStream;
  }

  setRawMode(on: boolean): this {
    this.rawModes.push(on);
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
