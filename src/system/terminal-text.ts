/**
 * Characters that must not reach a terminal: control characters (which can set colours, the window's title or the
 * clipboard, or overwrite earlier output), line ends, and marks that change the direction of text to disguise it.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const ALL_UNPRINTABLE = new RegExp(UNPRINTABLE, 'gu');

const SHORT: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Whether a terminal can show the text as it is, in one line. */
export function isTerminalText(text: string): boolean {
  return !UNPRINTABLE.test(text);
}

/**
 * Escapes text to one line for a terminal or a log. Everything that kload prints goes through here, because it may
 * contain names of files, records, variables, and messages of servers. Uses JSON's escapes, so that a line of JSON
 * keeps its meaning.
 */
export function terminalText(text: string): string {
  return isTerminalText(text) ? text : text.replaceAll(ALL_UNPRINTABLE, escaped);
}

function escaped(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
