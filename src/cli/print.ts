import { terminalText } from '../system/terminal-text.js';

/** Prints lines, with line breaks and control characters inside them made harmless. */
export function printLines(stream: NodeJS.WriteStream, ...lines: readonly string[]): void {
  stream.write(lines.map((line) => `${terminalText(line)}\n`).join(''));
}
