/**
 * What a terminal would obey (colours, the window's title, the clipboard, what was printed before), what ends a line,
 * and what changes the direction of text, so that it reads as something else.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const ALL_UNPRINTABLE = new RegExp(UNPRINTABLE, 'gu');

const SHORT: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

export function isTerminalText(text: string): boolean {
  return !UNPRINTABLE.test(text);
}

/**
 * Text as one line for a terminal or a log: all that kload prints goes through here, since it repeats names of files,
 * records, variables, and what servers said. Escapes are JSON's, so that a line of JSON stays the same JSON.
 */
export function terminalText(text: string): string {
  return isTerminalText(text) ? text : text.replaceAll(ALL_UNPRINTABLE, escaped);
}

function escaped(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
