import { writeSync } from 'node:fs';
import { openKeyboard } from './keyboard.js';

/** Alternate screen, no cursor, no wrapping: a character wider than expected is cut and cannot scroll the frame. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
/** Ends what a frame may have begun, and restores the rest. */
const LEAVE = '\x1b[?2026l\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l';

/**
 * The terminal while the dashboard uses it. The main thread enters and leaves it, since it can do so however the
 * process ends; the dashboard's thread only draws and reads keys.
 */
export class BorrowedTerminal {
  readonly #beforeLeaving: () => void;
  readonly #keyboard = openKeyboard();
  #entered = true;

  /** @param beforeLeaving must make sure that nothing else is drawn */
  constructor(beforeLeaving: () => void) {
    this.#beforeLeaving = beforeLeaving;
    // Nothing reads from this keyboard. It exists to set the terminal's mode.
    this.#keyboard?.unref().setRawMode(true);
    writeNow(ENTER);
    process.on('exit', this.leave);
    // Runs before any handler prints the error, so that the error is printed to the normal screen.
    process.on('uncaughtExceptionMonitor', this.leave);
  }

  /** A second call does nothing. */
  readonly leave = (): void => {
    if (!this.#entered) return;
    this.#entered = false;
    process.off('exit', this.leave);
    process.off('uncaughtExceptionMonitor', this.leave);
    this.#beforeLeaving();
    this.#keyboard?.setRawMode(false);
    this.#keyboard?.destroy();
    writeNow(LEAVE);
  };
}

/** A process that exits does not wait for streams. */
function writeNow(text: string): void {
  try {
    writeSync(1, text);
  } catch {
    // A terminal in non-blocking mode may refuse (EAGAIN). The stream can wait for it.
    process.stdout.write(text);
  }
}
