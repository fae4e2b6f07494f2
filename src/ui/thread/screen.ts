import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import type { FrameGate } from '../frame-gate.js';
import type { Size } from '../messages.js';

const CLEAR = '\x1b[2J';
/** The terminal shows everything between these two at once. */
const SYNC_BEGIN = '\x1b[?2026h';
const SYNC_END = '\x1b[?2026l';
/** A whole frame removes what others wrote to the terminal, such as a warning of Node.js on standard error. */
const FRAMES_PER_WHOLE_FRAME = 40;

/**
 * What Ink draws to: each write is a frame, as lines. Only the lines that changed go to the terminal, each to its own
 * row. Ink itself moves the cursor from where it left it, so any other output would shift its frames for good, and it
 * clears the whole terminal for each frame that fills it.
 */
export class Screen extends Writable {
  /** Ink asks for the width, and needs to know nothing else. */
  columns = 80;
  readonly #terminal: WriteStream;
  readonly #gate: FrameGate;
  #size: Size = { columns: 0, rows: 0 };
  #shown: readonly string[] = [];
  #framesLeft = 0;
  #isResized = false;

  constructor(terminal: WriteStream, gate: FrameGate) {
    super({ decodeStrings: false });
    this.#terminal = terminal;
    this.#gate = gate;
  }

  /** Takes effect with the next frame. */
  resize(size: Size): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    this.columns = size.columns;
    this.#isResized = true;
    this.forget();
  }

  /** Makes the next frame a whole one. */
  forget(): void {
    this.#framesLeft = 0;
  }

  override _write(frame: string, _encoding: BufferEncoding, done: () => void): void {
    this.#draw(frame.split('\n'));
    done();
  }

  #draw(lines: readonly string[]): void {
    if (this.#framesLeft-- <= 0) {
      this.#framesLeft = FRAMES_PER_WHOLE_FRAME;
      this.#shown = [];
    }
    const rows = Array.from({ length: this.#size.rows }, (_, row) => lines[row] ?? '');
    let output = '';
    // Erased first: on a line that fills the screen, erasing to its end would erase the last character.
    for (const [index, row] of rows.entries())
      if (row !== this.#shown[index]) output += `\x1b[${index + 1};1H\x1b[2K${row}`;
    this.#shown = rows;
    if (output === '') return;
    const clear = this.#isResized ? CLEAR : '';
    this.#isResized = false;
    this.#gate.pass(() => this.#terminal.write(SYNC_BEGIN + clear + output + SYNC_END));
  }
}
