import { terminalText } from '../system/terminal-text.js';

/** Prints lines. What a text holds begins no further line, and is nothing that the terminal obeys. */
export function printLines(stream: NodeJS.WriteStream, ...lines: readonly string[]): void {
  stream.write(lines.map((line) => `${terminalText(line)}\n`).join(''));
}
