import type { ReactNode } from 'react';
import type { LiveSecond } from '../core/live.js';
import { Line, Span, type Tone } from './style.js';

/** The columns on the left of a plot: the labels of its axis. */
export const GUTTER_COLUMNS = 7;
const LABEL_COLUMNS_MIN = 9;
const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

export type Cell = readonly [character: string, tone: Tone];

interface PlotProps {
  readonly columns: number;
  readonly rows: number;
  /** The label on the left of a row; undefined: there is no axis. Rows count from the top. */
  readonly label?: Axis['label'];
  readonly cell: (column: number, row: number) => Cell;
}

/** A field of characters: a line for each row, a span for neighbours of one tone. */
export function Plot({ columns, rows, label, cell }: PlotProps): ReactNode {
  return Array.from({ length: rows }, (_, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place.
    <Line key={row}>
      {label !== undefined && <Span tone="dim">{label(row).padStart(GUTTER_COLUMNS - 1)} </Span>}
      {runs(Array.from({ length: columns }, (_, column) => cell(column, row)))}
    </Line>
  ));
}

function runs(cells: readonly Cell[]): ReactNode[] {
  const spans: ReactNode[] = [];
  for (let start = 0, end = 1; end <= cells.length; end++) {
    const tone = cells[start]?.[1] ?? 'plain';
    if (end < cells.length && cells[end]?.[1] === tone) continue;
    const text = cells
      .slice(start, end)
      .map(([character]) => character)
      .join('');
    spans.push(
      <Span key={start} tone={tone}>
        {text}
      </Span>,
    );
    start = end;
  }
  return spans;
}

/** The block of a bar in one row of a plot, where `share` is the bar's share of the plot's height. */
export function block(share: number, row = 0, rows = 1): string {
  const eighths = share > 0 ? Math.max(1, Math.round(Math.min(1, share) * rows * 8)) : 0;
  return BLOCKS[Math.max(0, Math.min(8, eighths - (rows - 1 - row) * 8))] ?? ' ';
}

/** `████████░░░░` */
export function bar(share: number, columns: number): readonly [filled: string, empty: string] {
  const filled = Math.round(Math.max(0, Math.min(1, share)) * columns);
  return ['█'.repeat(filled), '░'.repeat(columns - filled)];
}

interface Axis {
  /** Where a value is, as a share of the plot's height. */
  readonly shareOf: (value: number) => number;
  /** What a row is labelled with: the number whose place is at the top of the row. */
  readonly label: (row: number) => string;
}

function axisOf(
  ticks: readonly number[],
  shareOf: Axis['shareOf'],
  rows: number,
  format: (tick: number) => string,
): Axis {
  const labels = new Map(ticks.map((tick) => [rows - Math.round(shareOf(tick) * rows), format(tick)]));
  return { shareOf, label: (row) => labels.get(row) ?? '' };
}

const STEPS = [1, 2, 2.5, 5, 10];
const SINGLE_STEPS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
/** Worth more labels: a chart with this share of the height that it could have. */
const ENOUGH_HEIGHT = 0.76;

function roundUp(value: number, steps: readonly number[]): number {
  const magnitude = 10 ** Math.floor(Math.log10(value));
  return (steps.find((step) => step * magnitude >= value) ?? 10) * magnitude;
}

/** From 0 to at least `max`, in steps of a round number, each a whole number of rows. */
export function linearAxis(max: number, rows: number, format: (tick: number) => string): Axis {
  const wanted = max > 0 ? max : 1;
  const counts = Array.from({ length: Math.max(1, Math.floor(rows / 2)) }, (_, i) => i + 1);
  const choices = counts.map((count) => {
    const step = roundUp(wanted / count, count === 1 ? SINGLE_STEPS : STEPS);
    const rowsPerStep = Math.max(1, Math.floor(rows / Math.ceil(wanted / step)));
    return { step, rowsPerStep, height: rowsPerStep / step };
  });
  const highest = Math.max(...choices.map(({ height }) => height));
  const { step, rowsPerStep } = choices.findLast(({ height }) => height >= highest * ENOUGH_HEIGHT)!;
  const ticks = Array.from({ length: Math.ceil(wanted / step) }, (_, i) => (i + 1) * step);
  return axisOf(ticks, (value) => ((value / step) * rowsPerStep) / rows, rows, format);
}

/** A logarithmic axis of times that begins and ends with one of 1, 2, 5, 10 and so on. */
export function logAxis(min: number, max: number, rows: number): Axis {
  const ticks = roundNumbers(min, max);
  const bottom = ticks[0] ?? 1;
  const height = Math.log((ticks.at(-1) ?? 1) / bottom);
  const shareOf = (ms: number) => (ms > 0 ? Math.log(ms / bottom) / height : 0);
  const apart = ticks.length <= rows ? ticks : ticks.filter((tick) => Number.isInteger(Math.log10(tick)));
  return axisOf(apart, shareOf, rows, axisTime);
}

/** 1, 2, 5, 10, 20 and so on: from the last one below `min` to the first one at or above `max`. */
export function roundNumbers(min: number, max: number): number[] {
  const first = Math.floor(Math.log10(min)) - 1;
  const decades = Array.from({ length: Math.ceil(Math.log10(max)) - first + 1 }, (_, i) => first + i);
  const numbers = decades.flatMap((decade) => [1, 2, 5].map((digit) => Number(`${digit}e${decade}`)));
  return numbers.slice(
    numbers.findLastIndex((number) => number < min),
    numbers.findIndex((number) => number >= max) + 1,
  );
}

/** 0.5 ms, 20 ms, 2 s. */
export function axisTime(ms: number): string {
  return ms < 1000 ? `${Number(ms.toPrecision(2))} ms` : `${Number((ms / 1000).toPrecision(2))} s`;
}

/** The seconds that a plot of this width shows: each is one or more columns wide. */
export function secondsShown<T>(seconds: readonly T[], columns: number) {
  const shown = seconds.slice(-Math.max(1, columns));
  const { length } = shown;
  return { shown, at: (column: number): T | undefined => shown[Math.floor((column * length) / columns)] };
}

/** `-50s   -40s   -30s   -20s   -10s    now` */
export function TimeAxis({ seconds, columns }: { readonly seconds: readonly LiveSecond[]; readonly columns: number }) {
  const { length } = secondsShown(seconds, columns).shown;
  const step = [1, 2, 5, 10, 20, 30].find((each) => (each * columns) / length >= LABEL_COLUMNS_MIN) ?? 60;
  const labels: [number, string][] = [[columns - 'now'.length, 'now']];
  for (let ago = step; ago < length; ago += step) {
    labels.unshift([Math.ceil(((length - ago) * columns) / length), `-${ago}s`]);
  }
  return <AxisLabels labels={labels} columns={columns} />;
}

/** Labels below a plot, each at its column. Those without room are left out. */
export function AxisLabels(props: {
  readonly labels: readonly (readonly [at: number, label: string])[];
  readonly columns: number;
}) {
  let text = '';
  for (const [at, label] of props.labels) {
    const isFree = at >= text.length + (text === '' ? 0 : 1);
    if (isFree && at + label.length <= props.columns) text = text.padEnd(at) + label;
  }
  return (
    <Line>
      <Span tone="dim">
        {' '.repeat(GUTTER_COLUMNS)}
        {text}
      </Span>
    </Line>
  );
}
