import { writeSync } from 'node:fs';
import type { Size } from './text.js';

/** Alternate screen, no cursor, and no wrapping: a character wider than we think may then be cut, but cannot scroll the frame. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l';
const CLEAR = '\x1b[2J';
/** The terminal shows what lies between these two at once. */
const SYNC_BEGIN = '\x1b[?2026h';
const SYNC_END = '\x1b[?2026l';
/** What others write to the terminal (a warning of Node's on stderr) disappears with the next whole frame. */
const PAINTS_PER_WHOLE_FRAME = 40;

/**
 * The terminal while the dashboard has it: writes only the rows that changed, and gives the terminal back as it was,
 * whatever ends the process.
 */
export class Screen {
  readonly #stdout: NodeJS.WriteStream & { readonly fd?: number };
  #entered = false;
  #painted: readonly string[] = [];
  #paintedSize: Size = { columns: 0, rows: 0 };
  #paints = 0;

  constructor(stdout: NodeJS.WriteStream) {
    this.#stdout = stdout;
  }

  get size(): Size {
    return { columns: this.#stdout.columns || 80, rows: this.#stdout.rows || 24 };
  }

  enter(): void {
    this.#entered = true;
    this.#stdout.write(ENTER);
    process.on('exit', this.leave);
    // Comes before any handler prints what was thrown, so that it is printed to the screen that stays.
    process.on('uncaughtExceptionMonitor', this.leave);
  }

  readonly leave = (): void => {
    if (!this.#entered) return;
    this.#entered = false;
    process.off('exit', this.leave);
    process.off('uncaughtExceptionMonitor', this.leave);
    this.#writeNow(LEAVE);
  };

  /** Every row is written with the next paint. */
  forget(): void {
    this.#painted = [];
  }

  /** One string a row, each as wide as the screen. */
  paint(rows: readonly string[], size: Size): void {
    // A terminal that cannot keep up (a slow line) misses frames instead of being queued ever more of them.
    if (!this.#entered || this.#stdout.writableNeedDrain) return;
    const resized = size.columns !== this.#paintedSize.columns || size.rows !== this.#paintedSize.rows;
    if (resized || this.#paints % PAINTS_PER_WHOLE_FRAME === 0) this.forget();
    this.#paints++;

    let output = resized ? CLEAR : '';
    for (const [index, row] of rows.entries()) {
      if (row !== this.#painted[index]) output += `\x1b[${index + 1};1H${withoutTrailingSpace(row)}`;
    }
    this.#painted = rows;
    this.#paintedSize = size;
    if (output !== '') this.#stdout.write(SYNC_BEGIN + output + SYNC_END);
  }

  /** A process on its way out waits for no stream; but what a stream still holds must not come after. */
  #writeNow(text: string): void {
    const { fd, writableLength } = this.#stdout;
    try {
      if (typeof fd === 'number' && writableLength === 0) {
        writeSync(fd, text);
        return;
      }
    } catch {
      // A terminal in non-blocking mode may refuse (EAGAIN); the stream knows how to wait for it.
    }
    this.#stdout.write(text);
  }
}

/** Erasing is shorter than spaces. A row that fills the screen needs no erasing, and would lose its last character to it. */
function withoutTrailingSpace(row: string): string {
  const text = row.trimEnd();
  return text === row ? row : `${text}\x1b[K`;
}
