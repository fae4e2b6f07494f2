import type { ShardHeat } from '../../core/live.js';
import { targetKind } from '../../target/kinds.js';
import type { Panel } from '../panel.js';
import { type Cell, GUTTER_COLUMNS, Plot, secondsShown } from '../plot.js';
import { Heading, Line } from '../style.js';
import { labelOf } from './shards.js';

const ROWS_MIN = 3;

/** A full block is a full shard. */
function cellOf(load: number): Cell {
  if (load >= 100) return ['█', 'failure'];
  if (load >= 75) return ['▓', 'warning'];
  if (load >= 50) return ['▒', 'bar'];
  if (load >= 25) return ['░', 'bar'];
  return [load > 0 ? '·' : ' ', 'dim'];
}

function hottest(heat: readonly ShardHeat[], count: number): readonly ShardHeat[] {
  if (heat.length <= count) return heat;
  const sum = ({ loads }: ShardHeat) => loads.reduce((sum, load) => sum + load, 0);
  const chosen = new Set([...heat].sort((a, b) => sum(b) - sum(a)).slice(0, count));
  return heat.filter((one) => chosen.has(one));
}

/** The load of each shard over time: a row a shard, in the stream's order. */
export const heat: Panel = {
  name: 'heat',
  side: 'left',
  wants: ({ heat, seconds }) => {
    if (heat.length === 0 || seconds.length === 0) return [];
    const all = 1 + heat.length;
    return [
      0,
      0,
      0,
      0,
      Math.max(ROWS_MIN, Math.min(6, all)),
      Math.max(ROWS_MIN, Math.min(12, all)),
      Math.max(ROWS_MIN, all),
    ];
  },
  Body({ view, columns, rows }) {
    const plot = columns - GUTTER_COLUMNS;
    const shown = hottest(view.heat, rows - 1);
    const { words } = targetKind(view.target.kind);
    const strips = shown.map(({ loads }) => secondsShown([...loads], plot));
    const title =
      shown.length < view.heat.length ? `the ${shown.length} hottest ${words.shard}s` : `load of each ${words.shard}`;
    return (
      <>
        <Heading title={`${title}, each second`} note="· >0 ░ 25 ▒ 50 ▓ 75 █ 100 %" />
        <Plot
          columns={plot}
          rows={shown.length}
          label={(row) => labelOf(shown[row]?.id ?? '')}
          cell={(column, row) => cellOf(strips[row]?.at(column) ?? 0)}
        />
        {shown.length === 0 && <Line>nothing sent yet</Line>}
      </>
    );
  },
};
