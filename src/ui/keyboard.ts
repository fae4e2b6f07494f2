import { openSync } from 'node:fs';
import { isatty, ReadStream } from 'node:tty';

/**
 * Opens standard input, or the terminal itself if standard input is not a terminal. undefined: there are no keys, as
 * without a controlling terminal, or on Windows.
 */
export function openKeyboard(): ReadStream | undefined {
  try {
    const keyboard = new ReadStream(isatty(0) ? 0 : openSync('/dev/tty', 'r'));
    // A terminal that went away: the run gets a signal.
    return keyboard.on('error', () => {});
  } catch {
    return undefined;
  }
}
