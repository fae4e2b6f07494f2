import { Box } from 'ink';
import { use } from 'react';
import type { Panel, PanelProps } from '../panel.js';
import { block, type Cell, GUTTER_COLUMNS, logAxis, Plot, secondsShown, TimeAxis } from '../plot.js';
import { Colour, Heading, Line, Span } from '../style.js';

const TIMES_ROWS_MIN = 6;

/** Without colours, what lies between p50 and p99 needs a character of its own. */
const useTail = () => (use(Colour) ? '█' : '░');

/** Latency from intended: p50 of each second as a bar, and on top of it the rest up to p99. */
function Chart({ view, columns, rows }: PanelProps) {
  const full = useTail();
  const { shown, at } = secondsShown(view.seconds, columns);
  const known = shown.flatMap(({ p50, p99 }) => [p50, p99]).filter((ms) => ms > 0);
  if (known.length === 0) {
    return (
      <Box height={rows}>
        <Line>{' '.repeat(GUTTER_COLUMNS)}no latencies yet</Line>
      </Box>
    );
  }
  const { shareOf, label } = logAxis(Math.min(...known), Math.max(...known), rows);
  const cell = (column: number, row: number): Cell => {
    const { p50 = 0, p99 = 0 } = at(column) ?? {};
    const middle = block(shareOf(p50), row, rows);
    const tail = block(shareOf(p99), row, rows);
    if (middle === '█' || tail === ' ') return [middle, 'bar'];
    if (middle === ' ') return [tail === '█' ? full : tail, 'tail'];
    return [middle, tail === '█' ? 'barOnTail' : 'bar'];
  };
  return <Plot columns={columns} rows={rows} label={label} cell={cell} />;
}

function Legend() {
  return (
    <>
      <Span tone="bar">█</Span>
      <Span tone="dim"> p50 </Span>
      <Span tone="tail">{useTail()}</Span>
      <Span tone="dim"> p99</Span>
    </>
  );
}

export const latencyOverTime: Panel = {
  name: 'latency over time',
  side: 'left',
  wants: () => [0, 4, 7, 11, 13, 15, 17, 30],
  Body(props) {
    const columns = props.columns - GUTTER_COLUMNS;
    const hasTimes = props.rows >= TIMES_ROWS_MIN;
    return (
      <>
        <Heading title="latency from intended, each second" note={<Legend />} />
        <Chart {...props} columns={columns} rows={props.rows - (hasTimes ? 2 : 1)} />
        {hasTimes && <TimeAxis seconds={props.view.seconds} columns={columns} />}
      </>
    );
  },
};
