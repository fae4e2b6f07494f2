import type { LiveView } from '../../core/live.js';
import type { Percentiles } from '../../core/report.js';
import { formatLatency } from '../../core/units.js';
import { tableHeading } from '../headings.js';
import type { Panel, Strip } from '../layout.js';
import { bright, dim, flow, type Line, type Size } from '../text.js';
import { histogramLines } from './histogram.js';

const COLUMNS = [
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p95', 'p95'],
  ['p99', 'p99'],
  ['p99.9', 'p999'],
  ['max', 'max'],
] as const satisfies readonly (readonly [string, keyof Percentiles])[];
const CELL_COLUMNS_MAX = 11;

function tableRow(label: string, values: Percentiles, first: number, cell: number): Line {
  const cells = COLUMNS.map(([, key]) => (values.count === 0 ? '–' : formatLatency(values[key])).padStart(cell - 1));
  return [dim(label.padEnd(first)), bright(cells.join(' '))];
}

/** The table, and below it the histogram if there are rows for one. */
function render(view: LiveView, { columns, rows }: Size): Line[] {
  const narrow = columns < 76;
  const first = narrow ? 9 : 14;
  const cell = Math.min(CELL_COLUMNS_MAX, Math.floor((columns - first) / COLUMNS.length));
  const labels = COLUMNS.map(([label]) => label);
  return [
    tableHeading('latency', first, labels, cell, columns),
    tableRow(narrow ? 'intended' : 'from intended', view.latency.run.fromIntended, first, cell),
    tableRow('service', view.latency.run.service, first, cell),
    ...histogramLines(view.latency.run.histogram, { columns, rows: rows - 3 }),
  ];
}

export const latencyPanel: Panel = {
  floor: { columns: 0, rows: 3 },
  // A column with less leaves the histogram too small to read.
  side: { rightFrom: { columns: 70, rows: 14 } },
  wants: () => [0, 0, 8, 11, 14, Number.POSITIVE_INFINITY],
  render,
};

/** For the compact form: latency from intended in three numbers. */
export const latencyLines: Strip = ({ latency }, columns) => {
  const { fromIntended } = latency.run;
  const value = (ms: number): string => (fromIntended.count === 0 ? '–' : formatLatency(ms));
  const items = [
    [dim('p50 '), bright(value(fromIntended.p50))],
    [dim('p99 '), bright(value(fromIntended.p99))],
    [dim('max '), bright(value(fromIntended.max))],
  ];
  return flow(items, columns);
};
