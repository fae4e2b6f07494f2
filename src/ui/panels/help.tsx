import { RECENT_SECONDS } from '../../core/live.js';
import type { Size } from '../panel.js';
import { Line, Span } from '../style.js';

const KEYS = [
  ['q, Ctrl-C', 'stop reading and send what was read; again: stop at once'],
  ['p', 'pause or resume'],
  ['+ -', 'ten percent faster or slower (if there is a rate)'],
  ['w', `latencies of the whole run, or of the last ${RECENT_SECONDS} s`],
  ['Ctrl-L', 'redraw the screen'],
] as const;

const WORDS = [
  ['offered', 'written to a socket for the first time'],
  ['sent', 'acknowledged by the target'],
  ['pending', 'read and not yet sent, failed or rejected'],
  ['throttled', 'refused because a shard was full: how often, each try counts'],
  ['failed', 'given up after retries'],
  ['intended', 'latency from the time the schedule intended'],
  ['service', 'latency from writing the request to the socket'],
  ['lag', 'from the intended time to writing to the socket'],
  ['refusing', 'shards that throttled records in the last second, marked !'],
  ['slowed', 'shards that a worker sends less to, because they throttle'],
  ['held', 'records in a worker, waiting or in flight'],
] as const;

const TERM_COLUMNS = 12;
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

type HelpLine = readonly [term: string, meaning: string];

/** The pages of the help. Each leaves a row for the title, and one that says how to continue. */
export function helpPages({ columns, rows }: Size): HelpLine[][] {
  const room = Math.max(MEANING_COLUMNS_MIN, columns - 2 - TERM_COLUMNS);
  const entry = ([term, meaning]: HelpLine) =>
    wrap(meaning, room).map((line, i): HelpLine => [`  ${i === 0 ? term : ''}`, line]);
  const lines: HelpLine[] = [['keys', ''], ...KEYS.flatMap(entry), ['words', ''], ...WORDS.flatMap(entry)];
  const perPage = Math.max(1, rows - 2);
  return Array.from({ length: Math.ceil(lines.length / perPage) }, (_, page) =>
    lines.slice(page * perPage, (page + 1) * perPage),
  );
}

export function Help({ size, page }: { readonly size: Size; readonly page: number }) {
  const pages = helpPages(size);
  // A terminal that grew may have fewer pages.
  const at = Math.min(page, pages.length - 1);
  return (
    <>
      {pages[at]?.map(([term, meaning], row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place.
        <Line key={row}>
          <Span tone="strong">{term.padEnd(TERM_COLUMNS + 2)}</Span>
          {meaning}
        </Line>
      ))}
      <Span tone="dim">
        {at + 1 < pages.length ? `any key: page ${at + 2} of ${pages.length}` : 'any key closes this'}
      </Span>
    </>
  );
}
