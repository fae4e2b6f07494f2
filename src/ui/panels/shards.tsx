import { Box } from 'ink';
import type { LiveShard, LiveView } from '../../core/live.js';
import { formatCount, formatShort } from '../../core/units.js';
import { shardsText } from '../../target/kind.js';
import { targetKind } from '../../target/kinds.js';
import { countWithin, wholePercent } from '../numbers.js';
import type { Panel, Size } from '../panel.js';
import { bar, block, type Cell, Plot } from '../plot.js';
import { clean, Flow, Heading, Line, Span, type Tone } from '../style.js';

const LABEL_COLUMNS = 5;
const ENTRY_COLUMNS_MIN = 38;
const BAR_COLUMNS_MAX = 30;
/** The columns of an entry without its bar. */
const FIGURES_COLUMNS = 34;
/** `12 ▄ 102%` without its label. */
const SHORT_COLUMNS = 7;
const SHORT_GAP = 2;
const FULL_ID_COLUMNS = 76;
/** With fewer rows below the overview there is no list of the hottest. */
const LIST_ROWS_MIN = 2;

/** shardId-000000000012 is 12. */
export function labelOf(id: string): string {
  const label = [...clean(id).replace(/^shardId-0*(?=\d)/, '')];
  return label.length <= LABEL_COLUMNS ? label.join('') : `…${label.slice(1 - LABEL_COLUMNS).join('')}`;
}

/** Throttling has its own character, so that it is visible without colour. */
function cellOf({ throttledPerSecond, load }: LiveShard): string {
  return throttledPerSecond > 0 ? '!' : block(load);
}

function toneOf({ throttledPerSecond, load }: LiveShard): Tone {
  if (throttledPerSecond > 0) return 'warning';
  return load >= 0.8 ? 'strong' : 'bar';
}

function hottestFirst(shards: readonly LiveShard[]): LiveShard[] {
  return [...shards].sort((a, b) => b.throttledPerSecond - a.throttledPerSecond || b.load - a.load);
}

/** `   12 ████████░░  98 %   1,000/s  !1.2k/s` */
function Entry({ shard, columns }: { readonly shard: LiveShard; readonly columns: number }) {
  const tone = toneOf(shard);
  const [filled, empty] = bar(shard.load, Math.max(1, Math.min(BAR_COLUMNS_MAX, columns - FIGURES_COLUMNS)));
  const refused = shard.throttledPerSecond > 0 ? `!${formatShort(shard.throttledPerSecond)}/s` : '';
  return (
    <Box width={columns} flexShrink={0}>
      <Line>
        <Span tone="dim">{labelOf(shard.id).padStart(LABEL_COLUMNS)} </Span>
        <Span tone={tone === 'strong' ? 'bar' : tone}>{filled}</Span>
        <Span tone="dim">{empty}</Span>
        <Span tone={tone}>{wholePercent(shard.load).padStart(6)}</Span>
        <Span tone="strong">{countWithin(shard.recordsPerSecond, 9).padStart(10)}</Span>
        <Span tone="dim">/s</Span>
        <Span tone="warning"> {refused}</Span>
      </Line>
    </Box>
  );
}

/** Entries in columns that are read downwards. */
function Entries({ shards, columns, rows }: Size & { readonly shards: readonly LiveShard[] }) {
  const across = acrossOf(columns);
  const down = Math.min(rows, Math.ceil(shards.length / across));
  return (
    <Box flexDirection="column" flexWrap="wrap" height={down} flexShrink={0}>
      {shards.slice(0, down * across).map((shard) => (
        <Entry key={shard.id} shard={shard} columns={Math.floor(columns / across)} />
      ))}
    </Box>
  );
}

const acrossOf = (columns: number) => Math.max(1, Math.floor(columns / ENTRY_COLUMNS_MIN));

const labelColumnsOf = (shards: readonly LiveShard[]) => Math.max(...shards.map(({ id }) => labelOf(id).length));

/** `0 ▄ 54%  1 ! 102%` */
function Short({ shards, columns, rows }: Size & { readonly shards: readonly LiveShard[] }) {
  const labelColumns = labelColumnsOf(shards);
  return (
    <Flow columns={columns} rows={rows} gap={SHORT_GAP}>
      {shards.map((shard) => (
        <Line key={shard.id}>
          <Span tone="dim">{labelOf(shard.id).padStart(labelColumns)} </Span>
          <Span tone={toneOf(shard)}>
            {cellOf(shard)} {wholePercent(shard.load).replace(' ', '').padStart(4)}
          </Span>
        </Line>
      ))}
    </Flow>
  );
}

/** A character for each shard. The hottest come first if not all fit. */
function Overview({ shards, columns, rows }: Size & { readonly shards: readonly LiveShard[] }) {
  const room = columns * rows;
  const more = shards.length <= room ? '' : ` +${formatCount(shards.length)} more`;
  const shown = more === '' ? shards : hottestFirst(shards).slice(0, Math.max(0, room - more.length));
  const rest = more === '' ? [] : [...` +${formatCount(shards.length - shown.length)} more`];
  const cells = [
    ...shown.map((shard): Cell => [cellOf(shard), toneOf(shard)]),
    ...rest.map((character): Cell => [character, 'dim']),
  ];
  const cell = (column: number, row: number): Cell => cells[row * columns + column] ?? [' ', 'plain'];
  return <Plot columns={columns} rows={Math.min(rows, Math.ceil(cells.length / columns))} cell={cell} />;
}

function noteOf({ shards, target }: LiveView, columns: number): string | undefined {
  const { hasShardLimits, words } = targetKind(target.kind);
  const refusing = shards.filter(({ throttledPerSecond }) => throttledPerSecond > 0).length;
  const hottest = shards.reduce<LiveShard | undefined>(
    (a, b) => (a !== undefined && a.load >= b.load ? a : b),
    undefined,
  );
  if (hottest === undefined) return undefined;
  const isPlain = columns < FULL_ID_COLUMNS || /^\d+$/.test(hottest.id);
  const name = isPlain ? `${words.shard} ${labelOf(hottest.id)}` : clean(hottest.id);
  if (!hasShardLimits) return `busiest: ${name}, ${formatShort(hottest.recordsPerSecond)}/s; % of it`;
  const limits = target.limits ? '' : ', limits off';
  return `${refusing > 0 ? `${formatCount(refusing)} refusing (!), ` : ''}hottest: ${name}, ${wholePercent(hottest.load)}${limits}`;
}

export const shards: Panel = {
  name: 'shards',
  side: 'right',
  wants({ shards }, { columns }) {
    const forAll = 1 + Math.max(1, Math.ceil(shards.length / acrossOf(columns)));
    return [2, 2, Math.min(3, forAll), Math.min(6, forAll), Math.min(12, forAll), Math.min(24, forAll), forAll];
  },
  Body({ view, columns, rows }) {
    const { shards } = view;
    const title = shardsText(targetKind(view.target.kind).words, shards.length);
    return (
      <>
        <Heading title={title} note={noteOf(view, columns)} />
        {shards.length === 0 ? (
          <Line>no shards to show</Line>
        ) : (
          <Loads shards={shards} columns={columns} rows={rows - 1} />
        )}
      </>
    );
  },
};

/** Each shard with its figures if all fit. Otherwise all in short, and below them the hottest with their figures. */
function Loads({ shards, columns, rows }: Size & { readonly shards: readonly LiveShard[] }) {
  if (shards.length <= acrossOf(columns) * rows) return <Entries shards={shards} columns={columns} rows={rows} />;
  const shortColumns = labelColumnsOf(shards) + SHORT_COLUMNS;
  const shortRows = Math.ceil(
    shards.length / Math.max(1, Math.floor((columns + SHORT_GAP) / (shortColumns + SHORT_GAP))),
  );
  const isShort = shortRows <= Math.max(1, rows / 2);
  const overview = isShort ? shortRows : Math.min(Math.ceil(shards.length / columns), Math.ceil(rows / 2));
  const list = rows - overview - 1;
  const above = { shards, columns, rows: list < LIST_ROWS_MIN ? rows : overview };
  return (
    <>
      {isShort ? <Short {...above} /> : <Overview {...above} />}
      {list >= LIST_ROWS_MIN && (
        <>
          <Span tone="dim">the hottest</Span>
          <Entries shards={hottestFirst(shards)} columns={columns} rows={list} />
        </>
      )}
    </>
  );
}
