import type { LiveView, LiveWorker } from '../../core/live.js';
import { formatBytes } from '../../core/units.js';
import { tableHeading } from '../headings.js';
import type { Panel } from '../layout.js';
import { countWithin } from '../numbers.js';
import { bright, dim, type Line, type Size, span } from '../text.js';

const FIRST_COLUMNS = 10;
const CELL_COLUMNS_MAX = 14;

type Figures = Omit<LiveWorker, 'id' | 'sent' | 'p50' | 'p99'>;

function sumOf(workers: readonly LiveWorker[]): Figures {
  const sum = { recordsPerSecond: 0, bytesPerSecond: 0, held: 0, requestsInFlight: 0, slowedShards: 0 };
  for (const worker of workers) {
    sum.recordsPerSecond += worker.recordsPerSecond;
    sum.bytesPerSecond += worker.bytesPerSecond;
    sum.held += worker.held;
    sum.requestsInFlight += worker.requestsInFlight;
    sum.slowedShards += worker.slowedShards;
  }
  return sum;
}

function tableRow(label: string, figures: Figures, cell: number): Line {
  const count = (n: number): string => `${countWithin(n, cell - 2).padStart(cell - 1)} `;
  return [
    dim(label.padEnd(FIRST_COLUMNS)),
    bright(`${count(figures.recordsPerSecond)}${formatBytes(figures.bytesPerSecond).padStart(cell - 1)} `),
    bright(count(figures.held) + count(figures.requestsInFlight)),
    span(figures.slowedShards > 0 ? 'throttle' : 'bright', count(figures.slowedShards)),
  ];
}

export const workersPanel: Panel = {
  floor: { columns: 0, rows: 2 },
  side: 'right',
  wants({ workers }, { rows }) {
    const forAll = 1 + workers.length;
    const most = Math.min(forAll, Math.max(3, Math.floor(rows / 3)));
    return [0, Math.min(3, most), Math.min(5, most), most];
  },
  render,
};

/** A line per worker. If there are more workers than lines, the last line sums up the rest. */
function render({ workers }: LiveView, { columns, rows }: Size): Line[] {
  const cell = Math.min(CELL_COLUMNS_MAX, Math.floor((columns - FIRST_COLUMNS) / 5));
  const labels = ['rec/s', 'data/s', 'held', cell > 9 ? 'in flight' : 'flight', 'slowed'];
  const head = tableHeading('workers', FIRST_COLUMNS, labels, cell, columns);
  if (workers.length === 0) return [head, [dim('no worker yet')]];
  const room = rows - 1;
  const shown = workers.length <= room ? workers : workers.slice(0, room - 1);
  const rest = workers.slice(shown.length);
  const lines = shown.map((worker) => tableRow(`worker ${worker.id}`, worker, cell));
  if (rest.length > 0)
    lines.push(tableRow(shown.length === 0 ? `all ${rest.length}` : `+${rest.length} more`, sumOf(rest), cell));
  return [head, ...lines];
}
