/** Lines of styled text, and how wide they are. */

export type Style = 'plain' | 'dim' | 'bright' | 'title' | 'good' | 'bar' | 'throttle' | 'failure';

/** A piece of a line in one style. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type Line = readonly Span[];

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export const span = (style: Style, text: string): Span => ({ text, style });
export const plain = (text: string): Span => span('plain', text);
export const dim = (text: string): Span => span('dim', text);
export const bright = (text: string): Span => span('bright', text);

/** One column per character, nothing to clean: true of all texts that the panels make themselves. */
const SIMPLE = /^[\x20-\x7e\u00b7\u00d7\u2026\u2190-\u2193\u2500-\u25fc]*$/;
const ZERO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/gu;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
/** East Asian Width W and F, in slightly wider ranges: a column too many leaves a gap, one too few breaks the frame. */
const WIDE = new RegExp(
  '[\\p{Emoji_Presentation}\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\ua4cf\\ua960-\\ua97f\\uac00-\\ud7a3' +
    '\\uf900-\\ufaff\\ufe10-\\ufe19\\ufe30-\\ufe6f\\uff01-\\uff60\\uffe0-\\uffe6\\u{16fe0}-\\u{18dff}' +
    '\\u{1aff0}-\\u{1b2ff}\\u{1f200}-\\u{1f265}\\u{20000}-\\u{3fffd}]',
  'u',
);

/** Cleans names and messages from outside: nothing in them may move the cursor or change the width of a line. */
function clean(text: string): string {
  return text.normalize('NFC').replace(ZERO_WIDTH, '').replace(UNPRINTABLE, '?');
}

function widthOfCharacter(character: string): number {
  return WIDE.test(character) ? 2 : 1;
}

/** The width of a text in terminal columns. */
export function widthOf(text: string): number {
  if (SIMPLE.test(text)) return text.length;
  let width = 0;
  for (const character of clean(text)) width += widthOfCharacter(character);
  return width;
}

export function widthOfLine(line: Line): number {
  let width = 0;
  for (const { text } of line) width += widthOf(text);
  return width;
}

/** As many whole characters from the start as fit. Cleans any text that is not simple. */
function take(text: string, columns: number): string {
  if (SIMPLE.test(text)) return text.slice(0, columns);
  let taken = '';
  let width = 0;
  for (const character of clean(text)) {
    width += widthOfCharacter(character);
    if (width > columns) break;
    taken += character;
  }
  return taken;
}

/** The text, or if it does not fit, its beginning and an ellipsis. */
export function truncate(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  return columns < 1 ? '' : `${take(text, columns - 1)}…`;
}

/** The line cut or padded to exactly this many columns. Every line of a frame passes through here. */
export function fitLine(line: Line, columns: number): Span[] {
  const fitted: Span[] = [];
  let left = columns;
  for (const { text, style } of line) {
    if (left === 0) break;
    const shown = take(text, left);
    if (shown === '') continue;
    fitted.push({ text: shown, style });
    left -= widthOf(shown);
  }
  if (left > 0) fitted.push(plain(' '.repeat(left)));
  return fitted;
}

/** One line with its left and right ends; the left one is cut if both do not fit. */
export function spread(left: Line, right: Line, columns: number): Line {
  const room = columns - widthOfLine(right);
  return room < 0 ? left : [...fitLine(left, room), ...right];
}

/** Items side by side, on as few lines as possible. */
export function flow(items: readonly Line[], columns: number, separator = '   '): Line[] {
  const lines: Span[][] = [];
  let left = 0;
  for (const item of items) {
    const width = widthOfLine(item);
    const line = lines.at(-1);
    if (line !== undefined && separator.length + width <= left) {
      line.push(plain(separator), ...item);
      left -= separator.length + width;
    } else {
      lines.push([...item]);
      left = columns - width;
    }
  }
  return lines;
}

/** The text as spans, with neighbouring characters of the same style in one span. */
export function runs(text: string, styleAt: (index: number) => Style): Span[] {
  const spans: Span[] = [];
  let start = 0;
  for (let i = 1; i <= text.length; i++) {
    if (i < text.length && styleAt(i) === styleAt(start)) continue;
    spans.push(span(styleAt(start), text.slice(start, i)));
    start = i;
  }
  return spans;
}
