import { writeSync } from 'node:fs';
import type { Size } from './text.js';

/** Alternate screen, no cursor, no wrapping: a character wider than expected is cut and cannot scroll the frame. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l';
const CLEAR = '\x1b[2J';
/** The terminal shows everything between these two at once. */
const SYNC_BEGIN = '\x1b[?2026h';
const SYNC_END = '\x1b[?2026l';
/** A whole frame removes what others wrote to the terminal, such as a warning of Node.js on standard error. */
const PAINTS_PER_WHOLE_FRAME = 40;

/**
 * The terminal while the dashboard uses it. Writes only the rows that changed, and restores the terminal however the
 * process ends.
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
    // Runs before any handler prints the error, so that the error is printed to the normal screen.
    process.on('uncaughtExceptionMonitor', this.leave);
  }

  readonly leave = (): void => {
    if (!this.#entered) return;
    this.#entered = false;
    process.off('exit', this.leave);
    process.off('uncaughtExceptionMonitor', this.leave);
    this.#writeNow(LEAVE);
  };

  /** Makes the next paint write every row. */
  forget(): void {
    this.#painted = [];
  }

  /** @param rows one string per row, each as wide as the screen */
  paint(rows: readonly string[], size: Size): void {
    // A terminal that cannot keep up, as over a slow line, misses frames. Queueing them would have no bound.
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

  /** A process that exits does not wait for streams. But this text must come after what the stream still holds. */
  #writeNow(text: string): void {
    const { fd, writableLength } = this.#stdout;
    try {
      if (typeof fd === 'number' && writableLength === 0) {
        writeSync(fd, text);
        return;
      }
    } catch {
      // A terminal in non-blocking mode may refuse (EAGAIN). The stream can wait for it.
    }
    this.#stdout.write(text);
  }
}

/** Erasing to the end is shorter than spaces. On a row that fills the screen it would erase the last character. */
function withoutTrailingSpace(row: string): string {
  const text = row.trimEnd();
  return text === row ? row : `${text}\x1b[K`;
}
