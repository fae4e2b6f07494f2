import { median } from './stats.js';

/** One row of the result. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** @param values one for each run */
export function figureOf(bench: string, figure: string, unit: string, values: readonly number[]): Figure {
  const min = Math.min(...values);
  const max = Math.max(...values);
  return { bench, figure, unit, median: median(values), min, max, runs: values.length };
}

/** The figures of results with several values each: `titles` has the title and the unit of each value. */
export function figuresOf<K extends string>(
  bench: string,
  name: string,
  results: readonly Readonly<Record<K, number>>[],
  titles: Readonly<Record<K, readonly [title: string, unit: string]>>,
): Figure[] {
  return (Object.keys(titles) as K[]).map((key) => {
    const [title, unit] = titles[key];
    const values = results.map((result) => result[key]);
    return figureOf(bench, `${name}: ${title}`, unit, values);
  });
}

/** What a program did, and what it cost. */
export interface Cost {
  readonly perSecond: number;
  /** Processor time of all threads per row or record, from the start of the process to its end. */
  readonly cpuUs: number;
}

export function costFigures(bench: string, figure: string, one: 'row' | 'record', costs: readonly Cost[]): Figure[] {
  return [
    figureOf(
      bench,
      figure,
      `${one}s/s`,
      costs.map(({ perSecond }) => perSecond),
    ),
    figureOf(
      bench,
      figure,
      `CPU us a ${one}`,
      costs.map(({ cpuUs }) => cpuUs),
    ),
  ];
}

export function figureTable(figures: readonly Figure[]) {
  const rows = figures.map(({ bench, figure, unit, median, min, max, runs }) => [
    bench,
    figure,
    ...[median, min, max].map((value) => formatValue(value, unit)),
    unit,
    String(runs),
  ]);
  const all = [['bench', 'figure', 'median', 'min', 'max', 'unit', 'runs'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const isNumber = (column: number) => (column >= 2 && column <= 4) || column === 6;
  return all
    .map((row) =>
      row
        .map((cell, column) =>
          isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Formats figures as one JSON object per line. */
export function figureLines(figures: readonly Figure[]) {
  return figures
    .map(({ bench, figure, unit, median, min, max, runs }) =>
      JSON.stringify({ bench, figure, unit, median: rounded(median), min: rounded(min), max: rounded(max), runs }),
    )
    .join('\n');
}

function formatValue(value: number, unit: string) {
  if (unit === 'ratio') return value.toFixed(3);
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 100 ? 0 : 2);
}

/** Rounds to five significant digits; the figures are not more precise than that. */
function rounded(value: number) {
  return Number(value.toPrecision(5));
}
