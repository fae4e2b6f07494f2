import { stripVTControlCharacters } from 'node:util';

/** Compares what a page shows with what was printed. Numbers, times, bars and blanks may differ. */

/**
 * Returns the first line of the page that was not printed, or undefined if all were printed in this order. Other lines
 * may come between. A line `…` is for the reader, and `…` in a line stands for any text.
 */
export function missingLine(shown: string, printed: string): string | undefined {
  const rest = linesOf(printed).map(loosely);
  for (const line of linesOf(shown)) {
    const wanted = pattern(loosely(line));
    if (wanted === undefined) continue;
    const found = rest.findIndex((text) => wanted.test(text));
    if (found === -1) return line;
    rest.splice(0, found + 1);
  }
  return undefined;
}

/** Without colours. A terminal shows what comes after the last carriage return of a line. */
function linesOf(text: string): string[] {
  const lines = stripVTControlCharacters(text).split('\n');
  return lines.map((line) => line.replace(/\r$/, '').replace(/^.*\r/, ''));
}

const BARS = /[▁-█░▒▓]+/g;
const NUMBER = /[+-]?\d+(?:[,._]\d+)*(?: ?(?:ns|us|µs|ms|s|m|h|%|B|kB|MB|GB|KiB|MiB|GiB)(?![a-z]))?/gi;
const NO_NUMBER = /(?<=^| )-(?= |$)/g;

function loosely(line: string): string {
  return line
    .replace(BARS, ' ')
    .replace(NUMBER, '#')
    .replace(NO_NUMBER, '#')
    .replace(/\s+/g, ' ')
    .replace(/#(?: ?#)+/g, '#')
    .trim();
}

function pattern(line: string): RegExp | undefined {
  if (line === '' || line === '…') return undefined;
  const parts = line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
