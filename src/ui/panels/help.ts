import { bright, dim, type Line, plain, type Size } from '../text.js';

const KEYS = [
  ['q, Ctrl-C', 'stop reading and send what was read; again: stop at once'],
  ['p', 'pause or resume'],
  ['+ -', 'ten percent faster or slower (constant rate only)'],
  ['Ctrl-L', 'redraw the screen'],
] as const;

const WORDS = [
  ['offered', 'written to a socket for the first time'],
  ['sent', 'acknowledged by the target'],
  ['pending', 'read and not yet sent, failed or rejected'],
  ['failed', 'given up after retries'],
  ['intended', 'latency from the time the schedule intended'],
  ['service', 'latency from writing the request to the socket'],
  ['lag', 'from the intended time to writing to the socket'],
  ['!', 'throttled: in that second, or that shard now'],
  ['held', 'records in a worker, waiting or in flight'],
  ['slowed', 'throttled shards that a worker holds back from'],
] as const;

const TERM_COLUMNS = 12;
const INDENT = '  ';
/** With less room, a meaning would have one word per line. */
const MEANING_COLUMNS_MIN = 16;

/** Wraps a text between its words. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function entry([term, meaning]: readonly [string, string], columns: number): Line[] {
  const room = Math.max(MEANING_COLUMNS_MIN, columns - INDENT.length - TERM_COLUMNS);
  return wrap(meaning, room).map((line, i) => [
    plain(INDENT),
    bright((i === 0 ? term : '').padEnd(TERM_COLUMNS)),
    plain(line),
  ]);
}

/** The pages of the help. Each leaves a row for the title, and ends with a line that says how to continue. */
export function helpPages({ columns, rows }: Size): Line[][] {
  const sections = [[[bright('keys')]], ...KEYS.map((key) => entry(key, columns)), [[bright('words')]]];
  const lines: Line[] = [...sections, ...WORDS.map((word) => entry(word, columns))].flat();
  const perPage = Math.max(1, rows - 2);
  const pages = Array.from({ length: Math.ceil(lines.length / perPage) }, (_, page) =>
    lines.slice(page * perPage, (page + 1) * perPage),
  );
  return pages.map((page, i) => [
    ...page,
    [dim(i + 1 < pages.length ? `any key: page ${i + 2} of ${pages.length}` : 'any key closes this')],
  ]);
}
