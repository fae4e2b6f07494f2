import { RECENT_SECONDS } from '../../core/live.js';
import type { HistogramBar, Percentiles } from '../../core/report.js';
import { formatLatency } from '../../core/units.js';
import type { Panel, PanelProps, Size } from '../panel.js';
import { AxisLabels, axisTime, block, GUTTER_COLUMNS, linearAxis, Plot, roundNumbers } from '../plot.js';
import { Line } from '../style.js';
import { cellColumns, Table } from '../table.js';

const COLUMNS = [
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p95', 'p95'],
  ['p99', 'p99'],
  ['p99.9', 'p999'],
  ['max', 'max'],
] as const satisfies readonly (readonly [string, keyof Percentiles])[];
/** '18.4 ms ' */
const CELL_COLUMNS_MIN = 8;
const NAME_COLUMNS = 18;
const LONG_NAME_COLUMNS = 22;
/** With fewer rows below the table there is no histogram. */
const HISTOGRAM_ROWS_MIN = 3;
const SHORTEST_MS = 0.001;

function Percentages({ view, span, columns }: PanelProps) {
  const isWide = cellColumns(columns - LONG_NAME_COLUMNS, COLUMNS.length) >= CELL_COLUMNS_MIN;
  const nameColumns = isWide ? LONG_NAME_COLUMNS : NAME_COLUMNS;
  const isNarrow = cellColumns(columns - nameColumns, COLUMNS.length) < CELL_COLUMNS_MIN;
  const shown = isNarrow ? COLUMNS.filter(([key]) => key !== 'p95') : COLUMNS;
  const part = span === 'run' ? (isWide ? 'whole run' : 'run') : `${isWide ? 'last ' : ''}${RECENT_SECONDS} s`;
  const row = (name: string, values: Percentiles) => ({
    name,
    cells: shown.map(([, key]) => (values.count === 0 ? '–' : formatLatency(values[key]))),
  });
  const { fromIntended, service } = view.latency[span];
  return (
    <Table
      title={`latency, ${part}`}
      columns={columns}
      nameColumns={nameColumns}
      labels={shown.map(([label]) => label)}
      rows={[row('from intended', fromIntended), row('service', service)]}
    />
  );
}

/** The share of the records in each range of latencies, on a logarithmic axis. */
function Histogram({ bars, columns, rows }: Size & { readonly bars: readonly HistogramBar[] }) {
  const from = Math.max(SHORTEST_MS, bars[0]?.fromMs ?? 0);
  const to = Math.max(from * 2, ...bars.map(({ toMs }) => toMs));
  const columnOf = (ms: number) => Math.round((Math.log(Math.max(ms, from) / from) / Math.log(to / from)) * columns);
  const total = bars.reduce((sum, { count }) => sum + count, 0) || 1;
  const percents = new Array<number>(columns).fill(0);
  for (const { fromMs, toMs, count } of bars) {
    const start = Math.min(columnOf(fromMs), columns - 1);
    const end = Math.max(columnOf(toMs), start + 1);
    for (let at = start; at < end; at++) percents[at] = Math.max(percents[at] ?? 0, (100 * count) / total);
  }
  const { shareOf, label } = linearAxis(Math.max(...percents), rows - 1, (tick) => `${Number(tick.toPrecision(3))} %`);
  const labels = roundNumbers(from, to).map((ms) => [columnOf(ms), axisTime(ms)] as const);
  const cell = (column: number, row: number) => [block(shareOf(percents[column] ?? 0), row, rows - 1), 'bar'] as const;
  return (
    <>
      <Plot columns={columns} rows={rows - 1} label={label} cell={cell} />
      <AxisLabels labels={labels.slice(1)} columns={columns} />
    </>
  );
}

/** The percentiles, and below them the histogram of the same seconds if there is room. */
export const latency: Panel = {
  name: 'latency',
  side: 'right',
  wants: () => [3, 3, 3, 9, 12, 14, 18, Number.POSITIVE_INFINITY],
  Body(props) {
    const rows = props.rows - 3;
    const bars = props.view.latency[props.span].histogram;
    return (
      <>
        <Percentages {...props} />
        {rows < HISTOGRAM_ROWS_MIN ? null : bars.length === 0 ? (
          <Line>{' '.repeat(GUTTER_COLUMNS)}no latencies yet</Line>
        ) : (
          <Histogram bars={bars} columns={props.columns - GUTTER_COLUMNS} rows={rows} />
        )}
      </>
    );
  },
};
