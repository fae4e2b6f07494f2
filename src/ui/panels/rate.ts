import type { LiveSecond, LiveView } from '../../core/live.js';
import { formatBytes, formatLatency, formatPercent, formatShort } from '../../core/units.js';
import { columnChart, roundUp } from '../bars.js';
import { heading } from '../headings.js';
import type { Panel, Strip } from '../layout.js';
import { countWithin } from '../numbers.js';
import {
  bright,
  dim,
  flow,
  type Line,
  plain,
  runs,
  type Size,
  type Span,
  type Style,
  span,
  truncate,
  widthOf,
} from '../text.js';

const AXIS_COLUMNS = 5;
const FACTS_COLUMNS = 17;
/** With fewer rows there is a sparkline. */
const CHART_ROWS_MIN = 6;
/** The columns of the heading around the schedule. */
const HEADING_COLUMNS = 54;
const NO_SECOND: LiveSecond = { t: 0, target: undefined, offered: 0, sent: 0, throttled: 0, failed: 0, p50: 0, p99: 0 };

interface Fact {
  readonly label: string;
  readonly value: Span;
}

const bytesPerSecond = (view: LiveView): number => view.workers.reduce((sum, worker) => sum + worker.bytesPerSecond, 0);

/** The last second in numbers, the most important first. As many are shown as there are rows. */
function factsOf(view: LiveView): Fact[] {
  const last = view.seconds.at(-1) ?? NO_SECOND;
  const target = view.rpsTarget;
  return [
    { label: 'offered/s', value: bright(countWithin(last.offered, 8)) },
    { label: 'target/s', value: target === undefined ? dim('none') : bright(countWithin(target, 8)) },
    { label: 'data/s', value: bright(formatBytes(bytesPerSecond(view))) },
    { label: 'lag p99', value: bright(formatLatency(view.scheduleLag.p99)) },
    { label: 'throttled', value: alarming('throttle', last.throttled, countWithin(last.throttled, 7)) },
    { label: 'sent/s', value: bright(countWithin(last.sent, 8)) },
    { label: 'failed/s', value: alarming('failure', last.failed, countWithin(last.failed, 8)) },
    { label: 'of target', value: bright(target ? formatPercent(last.offered / target) : '–') },
  ];
}

function alarming(style: Style, n: number, text: string): Span {
  return n > 0 ? span(style, text) : bright(text);
}

function markOf(second: LiveSecond): string {
  if (second.failed > 0) return 'x';
  return second.throttled > 0 ? '!' : ' ';
}

function styleOf(second: LiveSecond | undefined): Style {
  if (second === undefined) return 'plain';
  if (second.failed > 0) return 'failure';
  return second.throttled > 0 ? 'throttle' : 'bar';
}

interface History {
  readonly bars: Line[];
  readonly marks: Line;
  readonly max: number;
}

/** The last seconds as bars and marks. The newest is always at the right edge, and all are equally wide. */
function historyOf(view: LiveView, columns: number, rows: number): History {
  const wide = Math.max(1, Math.floor(columns / 60));
  const count = Math.floor(columns / wide);
  const seconds = view.seconds.slice(-count);
  const empty = ' '.repeat(columns - seconds.length * wide);
  const offered = seconds.map((second) => second.offered);
  const max = roundUp(Math.max(view.rpsTarget ?? 0, ...offered) * 1.05);
  const paint = (text: string): Line => {
    const stretched = wide === 1 ? text : text.replace(/./g, (mark) => mark.repeat(wide));
    return [plain(empty), ...runs(stretched, (i) => styleOf(seconds[Math.floor(i / wide)]))];
  };
  return { bars: columnChart(offered, max, rows).map(paint), marks: paint(seconds.map(markOf).join('')), max };
}

function axisLabel(row: number, rows: number, max: number): string {
  if (row === 0) return formatShort(max);
  if (rows >= 5 && row === Math.floor(rows / 2)) return formatShort((max * (rows - row)) / rows);
  return '';
}

/** The chart on the left, the numbers of the last second on the right. */
function chart(view: LiveView, { columns, rows }: Size): Line[] {
  const wanted = columns - AXIS_COLUMNS - 1 - FACTS_COLUMNS;
  const chartColumns = wanted < 60 ? wanted : wanted - (wanted % 60);
  const factColumns = columns - AXIS_COLUMNS - chartColumns - 2;
  const history = historyOf(view, chartColumns, rows - 2);
  const facts = factsOf(view);
  const body = [...history.bars, history.marks].map((bars, row): Line => {
    const axis = dim(`${axisLabel(row, rows - 2, history.max).padStart(AXIS_COLUMNS - 1)} `);
    const fact = facts[row];
    if (fact === undefined) return [axis, ...bars];
    const gap = ' '.repeat(Math.max(1, Math.min(factColumns, 20) - fact.label.length - widthOf(fact.value.text)));
    return [axis, ...bars, plain('  '), dim(fact.label), plain(gap), fact.value];
  });
  const schedule = truncate(view.schedule, columns - HEADING_COLUMNS);
  const title = `records/s, last ${Math.min(60, chartColumns)} s · ${schedule}`;
  return [heading(title, '! throttled, x failed', columns), ...body];
}

/** The same in as few as two rows: numbers, bars, marks. */
function sparkline(view: LiveView, { columns, rows }: Size): Line[] {
  const history = historyOf(view, columns, Math.max(1, rows - 2));
  return [...flow(rateItems(view), columns, '  ').slice(0, 1), ...history.bars, history.marks];
}

export const ratePanel: Panel = {
  floor: { columns: 0, rows: 2 },
  side: 'left',
  wants: () => [3, CHART_ROWS_MIN, 0, 8, 10, 18, Number.POSITIVE_INFINITY],
  render: (view, size) => (size.rows >= CHART_ROWS_MIN ? chart(view, size) : sparkline(view, size)),
};

/** For the compact form: the last second in one or two lines. */
export const rateLines: Strip = (view, columns) => flow(rateItems(view), columns).slice(0, 2);

function rateItems(view: LiveView): Line[] {
  const { offered, throttled } = view.seconds.at(-1) ?? NO_SECOND;
  const goal = view.rpsTarget === undefined ? [] : [dim(' of '), bright(countWithin(view.rpsTarget, 8))];
  return [
    [bright(countWithin(offered, 8)), ...goal, dim('/s')],
    [bright(formatBytes(bytesPerSecond(view))), dim('/s')],
    [dim('lag p99 '), bright(formatLatency(view.scheduleLag.p99))],
    [dim('throttled '), alarming('throttle', throttled, countWithin(throttled, 7)), dim('/s')],
  ];
}
