import type { LiveWorker } from '../../core/live.js';
import { formatBytes } from '../../core/units.js';
import { countWithin } from '../numbers.js';
import type { Panel } from '../panel.js';
import { axisTime } from '../plot.js';
import { Line } from '../style.js';
import { cellColumns, Table, type TableRow } from '../table.js';

const NAME_COLUMNS = 10;
const LABELS = ['rec/s', 'data/s', 'held', 'flight', 'slowed', 'p50', 'p99'];

function rowOf(name: string, workers: readonly LiveWorker[], columns: number): TableRow {
  const sum = (key: keyof LiveWorker) => workers.reduce((sum, worker) => sum + worker[key], 0);
  const count = (key: keyof LiveWorker) => countWithin(sum(key), columns - 1);
  // Percentiles cannot be added up.
  const latency = (key: 'p50' | 'p99') => (workers.length === 1 && sum(key) > 0 ? axisTime(sum(key)) : '–');
  const slowed = count('slowedShards');
  return {
    name,
    cells: [
      count('recordsPerSecond'),
      formatBytes(sum('bytesPerSecond')),
      count('held'),
      count('requestsInFlight'),
      slowed === '0' ? slowed : [slowed, 'warning'],
      latency('p50'),
      latency('p99'),
    ],
  };
}

/** A row for each worker. If there are more workers than rows, the last row sums up the rest. */
export const workers: Panel = {
  name: 'workers',
  side: 'right',
  wants({ workers }) {
    const all = 1 + Math.max(1, workers.length);
    return [0, 0, 2, Math.min(3, all), Math.min(5, all), Math.min(9, all), all];
  },
  Body({ view: { workers }, columns, rows }) {
    const cell = cellColumns(columns - NAME_COLUMNS, LABELS.length);
    const shown = workers.length < rows ? workers : workers.slice(0, rows - 2);
    const rest = workers.slice(shown.length);
    const lines = shown.map((worker) => rowOf(`worker ${worker.id}`, [worker], cell));
    const name = shown.length === 0 ? `all ${rest.length}` : `+${rest.length} more`;
    if (rest.length > 0) lines.push(rowOf(name, rest, cell));
    return (
      <>
        <Table title="workers" columns={columns} nameColumns={NAME_COLUMNS} labels={LABELS} rows={lines} />
        {workers.length === 0 && <Line>no worker yet</Line>}
      </>
    );
  },
};
