import type { LiveLoad } from '../../core/live.js';
import { countWithin } from '../numbers.js';
import type { Panel } from '../panel.js';
import { axisTime } from '../plot.js';
import { clean } from '../style.js';
import { cellColumns, Table, type TableRow } from '../table.js';

const LABELS = ['target/s', 'sent/s', 'throttled', 'p99', 'lag p99'];
const CELL_COLUMNS_MIN = 11;
const NAME_COLUMNS_MIN = 14;
/** A load that sends less than this share of its rate is marked. */
const SLOW_SHARE = 0.9;

/** `orders → orders-stream`, or the name alone where both are the same or there is no room. */
function nameOf({ name, stream }: LiveLoad, columns: number): string {
  const [short, target] = [clean(name), clean(stream ?? '')];
  const both = `${short} → ${target}`;
  const text = target === '' || target === short || [...both].length >= columns ? short : both;
  return [...text].length < columns ? text : `${[...text].slice(0, columns - 2).join('')}…`;
}

function rowOf(load: LiveLoad, nameColumns: number, cell: number): TableRow {
  const count = (n: number) => countWithin(Math.round(n), cell - 1);
  const { target, sent, throttled, failed, p99, lagP99, phase } = load;
  const isSlow = phase === 'running' && target !== undefined && sent < target * SLOW_SHARE;
  return {
    name: nameOf(load, nameColumns),
    cells: [
      phase === 'done' ? ['done', 'dim'] : target === undefined ? ['max', 'dim'] : count(target),
      [count(sent), failed > 0 ? 'failure' : isSlow ? 'warning' : 'strong'],
      throttled > 0 ? [count(throttled), 'warning'] : '0',
      p99 > 0 ? axisTime(p99) : '–',
      lagP99 > 0 ? axisTime(lagP99) : '–',
    ],
  };
}

/** A row for each of several loads, and the last row for those without room. */
export const loads: Panel = {
  name: 'loads',
  side: 'left',
  wants({ loads = [] }) {
    if (loads.length === 0) return [];
    const all = 1 + loads.length;
    return [Math.min(3, all), Math.min(4, all), Math.min(7, all), Math.min(12, all), all];
  },
  Body({ view: { loads = [] }, columns, rows }) {
    const nameColumns = Math.max(NAME_COLUMNS_MIN, columns - LABELS.length * CELL_COLUMNS_MIN);
    const cell = cellColumns(columns - nameColumns, LABELS.length);
    const shown = loads.length < rows ? loads : loads.slice(0, rows - 2);
    const lines = shown.map((load) => rowOf(load, nameColumns, cell));
    const rest = loads.length - shown.length;
    if (rest > 0) lines.push({ name: `+${rest} more`, cells: [] });
    return (
      <Table title={`${loads.length} loads`} columns={columns} nameColumns={nameColumns} labels={LABELS} rows={lines} />
    );
  },
};
