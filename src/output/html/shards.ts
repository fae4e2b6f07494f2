import { KINESIS_LIMITS } from '../../core/limits.js';
import type { Report, ShardReport, ShardSteps, ShardsOverTime } from '../../core/report.js';
import { formatBytes, formatCount, formatPercent, formatRate, formatRecordRate } from '../../core/units.js';
import { targetKind } from '../../target/kinds.js';
import { escaped } from '../escaped.js';
import { type Chart, linear } from './chart.js';
import { figure, pictured, section } from './figure.js';
import { drawnHeat, type HeatRow } from './heat.js';
import { intoRun, type Timeline, timeText } from './timeline.js';

const SHARDS_MAX = 64;
/** The bars of more shards have no labels. */
const LABELS_MAX = 12;
const COLUMNS_MAX = 120;
const TABLE_COLUMNS_MAX = 12;
/** The upper ends of the heat's levels, as shares of a full shard. */
const LEVELS = [0.2, 0.4, 0.6, 0.8, 1];
/** A cell has the stronger mark if more than this share of its attempts was throttled. */
const MUCH_THROTTLED = 0.1;

type Words = Report['target'] & { readonly shard: string };

export function shardSection(report: Report, timeline: Timeline): string {
  const { shards, shardsOverTime, target } = report;
  if (shards.length === 0) return '';
  const words = { ...target, shard: targetKind(target.kind).words.shard };
  const name = words.shard === 'shard' ? 'Shards' : 'Partitions';
  return section(
    name,
    hottestText(report, words),
    heat(report, shardsOverTime, timeline, words),
    totals(report, words),
  );
}

function hottestText({ shards, records, throttled, shardsOverTime: overTime }: Report, { shard }: Words): string {
  const hottest = shards.reduce((a, b) => (b.sent + b.throttled > a.sent + a.throttled ? b : a));
  const steps = overTime?.shards.find(({ id }) => id === hottest.id);
  const busiest = steps && indexOfMax(steps.sent);
  const facts = [
    ...(records.sent === 0 ? [] : [`${formatPercent(hottest.sent / records.sent)} of the records`]),
    ...(steps === undefined || busiest === undefined || !overTime
      ? []
      : [
          `at most ${formatRecordRate(steps.sent[busiest]! / overTime.stepSeconds)}, ` +
            intoRun(busiest * overTime.stepSeconds),
        ]),
  ];
  const text =
    shards.length === 1
      ? `There is one ${shard}, ${hottest.id}.`
      : `The hottest of ${formatCount(shards.length)} ${shard}s is ${[hottest.id, facts.join(', ')].filter(Boolean).join(': ')}.`;
  const refused =
    throttled.records === 0
      ? 'Nothing was throttled.'
      : `Records were throttled ${formatCount(throttled.records)} times.`;
  return `<p>${escaped(text)} ${refused}</p>`;
}

function heat({ shards }: Report, overTime: ShardsOverTime | null, { seconds, x }: Timeline, words: Words): string {
  if (overTime === null || overTime.shards.every(({ sent }) => sent.length === 0)) return '';
  const { stepSeconds } = overTime;
  const perColumn = Math.ceil(seconds / stepSeconds / COLUMNS_MAX);
  const columnWidth = perColumn * stepSeconds;
  const bytesOf = new Map(shards.map((shard) => [shard.id, bytesPerRecord(shard)]));
  const columns = overTime.shards.map((steps) => columnsOf(steps, perColumn, stepSeconds));
  const most = Math.max(...columns.flat().map(({ sent }) => sent));
  const full = (id: string) => (words.limits ? recordsOfFullShard(bytesOf.get(id) ?? 0) : most);
  const rows = overTime.shards.map(({ id }, i): HeatRow => {
    const ofShard = columns[i]!;
    return {
      label: shortId(id),
      levels: ofShard.map(({ sent }) => levelOf(sent / full(id))),
      marks: ofShard.map(({ sent, throttled }) => markOf(throttled / (sent + throttled))),
    };
  });
  const isThrottled = rows.some(({ marks }) => marks.some((mark) => mark > 0));
  const title = `Load of each ${words.shard} over time, the hottest first`;
  const picture = drawnHeat({
    ...{ id: 'heat', title, x, columnWidth, rows },
    description: heatText(overTime, columnWidth, words),
    levels: LEVELS.map((end, i) =>
      i === LEVELS.length - 1 ? `over ${100 * LEVELS[i - 1]!} %` : `up to ${100 * end} %`,
    ),
    marks: isThrottled ? ['some throttled', `more than ${100 * MUCH_THROTTLED} % throttled`] : [],
  });
  const [columnNames, tableRows] = rangeTable(overTime, seconds, words);
  return pictured(title, picture, columnNames, tableRows, heatText(overTime, columnWidth, words));
}

function heatText({ others }: ShardsOverTime, columnWidth: number, { shard, limits }: Words): string {
  const { shardRecordsPerSecond, shardBytesPerSecond } = KINESIS_LIMITS;
  const full = `${formatRecordRate(shardRecordsPerSecond)} or ${shardBytesPerSecond / 1024 ** 2} MiB/s`;
  const of = limits ? `what a ${shard} takes (${full})` : 'the busiest cell';
  const left = others === null ? '' : ` ${formatCount(others.count)} quieter ${shard}s are left out.`;
  return `Each row is a ${shard}, each cell ${timeText(columnWidth)}: its colour is the share of ${of}.${left}`;
}

interface Column {
  /** Records a second. */
  readonly sent: number;
  readonly throttled: number;
}

/** The mean rates of each group of `perColumn` steps. */
function columnsOf({ sent, throttled }: Omit<ShardSteps, 'id'>, perColumn: number, stepSeconds: number): Column[] {
  const mean = (steps: readonly number[] | null, column: number) => {
    const group = steps?.slice(column * perColumn, (column + 1) * perColumn) ?? [];
    return group.length === 0 ? 0 : group.reduce((sum, count) => sum + count, 0) / (group.length * stepSeconds);
  };
  return Array.from({ length: Math.ceil(sent.length / perColumn) }, (_, column) => ({
    sent: mean(sent, column),
    throttled: mean(throttled, column),
  }));
}

/** Some longer parts of the run, for each shard, and for all others together. */
function rangeTable({ stepSeconds, shards, others }: ShardsOverTime, seconds: number, { shard }: Words) {
  const perColumn = Math.ceil(seconds / stepSeconds / TABLE_COLUMNS_MAX);
  const count = Math.ceil((shards[0]?.sent.length ?? 0) / perColumn);
  const columns = Array.from({ length: count }, (_, i) => `from ${timeText(i * perColumn * stepSeconds)}`);
  const cells = (steps: Omit<ShardSteps, 'id'>) =>
    columnsOf(steps, perColumn, stepSeconds).map(({ sent, throttled }) =>
      throttled === 0 ? formatRate(sent) : `${formatRate(sent)} (${formatRate(throttled)} throttled)`,
    );
  const rows = [
    ...shards.map((steps) => [escaped(steps.id), ...cells(steps)]),
    ...(others === null ? [] : [[`${formatCount(others.count)} others`, ...cells(others)]]),
  ];
  return [[`records a second by ${shard}`, ...columns], rows] as const;
}

/** The records a second that fill a shard, by its limit in records or in bytes. */
function recordsOfFullShard(recordBytes: number): number {
  const { shardRecordsPerSecond, shardBytesPerSecond } = KINESIS_LIMITS;
  return Math.min(
    shardRecordsPerSecond,
    recordBytes === 0 ? Number.POSITIVE_INFINITY : shardBytesPerSecond / recordBytes,
  );
}

function bytesPerRecord({ sent, bytes }: ShardReport): number {
  return sent === 0 ? 0 : bytes / sent;
}

/** Anything but nothing is seen. */
function levelOf(share: number): number {
  if (!(share > 0)) return 0;
  const level = LEVELS.findIndex((end) => share <= end);
  return level === -1 ? LEVELS.length : level + 1;
}

function markOf(share: number): number {
  if (!(share > 0)) return 0;
  return share > MUCH_THROTTLED ? 2 : 1;
}

/** Without what all ids of a stream have in common: '12' for 'shardId-000000000012'. */
function shortId(id: string): string {
  const short = id.replace(/^shardId-0*(?=\d)/, '');
  return short.length > 7 ? `…${short.slice(-6)}` : short;
}

function indexOfMax(values: readonly number[]): number | undefined {
  const max = Math.max(...values);
  return max > 0 ? values.indexOf(max) : undefined;
}

function totals({ shards, records }: Report, { shard }: Words): string {
  const byLoad = [...shards].sort((a, b) => b.sent + b.throttled - a.sent - a.throttled);
  const shown = byLoad.slice(0, SHARDS_MAX);
  const max = Math.max(...shown.flatMap(({ sent, throttled }) => [sent, throttled]));
  const isThrottled = shown.some(({ throttled }) => throttled > 0);
  const rest = shards.length - shown.length;
  const chart: Chart = {
    ...{ id: 'shards', title: `Records by ${shard}, the hottest first`, barWidth: 0.9 },
    description: `The hottest ${shard} of ${shards.length} is ${byLoad[0]!.id}.`,
    x: {
      at: (i) => i / shown.length,
      ticks: shown.length > LABELS_MAX ? [] : shown.map((_, i) => i + 0.45),
      label: (at) => shortId(shown[Math.floor(at)]!.id),
    },
    y: linear(max),
    series: [
      { name: 'sent', style: 'a', as: 'bars', points: shown.map(({ sent }, i) => [i, sent] as const) },
      ...(isThrottled
        ? [
            {
              name: 'throttled',
              style: 'c',
              as: 'bars' as const,
              points: shown.map((one, i) => [i, one.throttled] as const),
            },
          ]
        : []),
    ],
  };
  const rows = shown.map(({ id, sent, bytes, throttled }) => [
    escaped(id),
    formatCount(sent),
    records.sent === 0 ? '–' : formatPercent(sent / records.sent),
    formatBytes(bytes),
    formatCount(throttled),
  ]);
  const left = rest > 0 ? `<p class="dim">${formatCount(rest)} quieter ${shard}s are left out.</p>` : '';
  return `${figure(chart, [shard, 'sent', 'share', 'bytes', 'throttled'], rows)}${left}`;
}
