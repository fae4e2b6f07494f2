import type { LiveSecond } from '../../core/live.js';
import { formatBytes, formatLatency, formatPercent, formatRate, formatShort } from '../../core/units.js';
import { countWithin } from '../numbers.js';
import type { Panel, PanelProps } from '../panel.js';
import { block, type Cell, GUTTER_COLUMNS, linearAxis, Plot, secondsShown, TimeAxis } from '../plot.js';
import { clean, Figure, Flow, Heading, Line, Span } from '../style.js';

/** With fewer rows there are only the figures, the bars and the ground. */
const HEADING_ROWS_MIN = 5;
const TIMES_ROWS_MIN = 6;
/** With fewer rows the line of the target would hide the bars. */
const TARGET_ROWS_MIN = 3;
/** A second holds its rate if it misses it by less than this. */
const HELD_SHARE = 0.98;
const NO_SECOND: LiveSecond = { t: 0, target: undefined, offered: 0, sent: 0, throttled: 0, failed: 0, p50: 0, p99: 0 };

/** The last second in numbers, the most important first. */
function Figures({ view, columns }: PanelProps) {
  const { offered, sent, throttled, failed } = view.seconds.at(-1) ?? NO_SECOND;
  const { scheduleLag: lag } = view;
  const target = view.rpsTarget === undefined ? undefined : (view.seconds.at(-1)?.target ?? view.rpsTarget);
  const bytesPerSecond = view.workers.reduce((sum, worker) => sum + worker.bytesPerSecond, 0);
  const perSecond = (n: number) => `${countWithin(n, 9)}/s`;
  return (
    <Flow columns={columns} rows={1}>
      <Line>
        <Figure label="offered" value={perSecond(offered)} />
        {target !== undefined && <Figure label=" of" value={perSecond(target)} />}
      </Line>
      <Figure label="lag p99" value={lag.count === 0 ? '–' : formatLatency(lag.p99)} />
      <Figure label="throttled" value={perSecond(throttled)} tone={throttled > 0 && 'warning'} />
      <Figure label="failed" value={perSecond(failed)} tone={failed > 0 && 'failure'} />
      <Figure label="data" value={`${formatBytes(bytesPerSecond)}/s`} />
      <Figure label="sent" value={perSecond(sent)} />
      {target ? (
        <Line>
          <Span tone="strong">{formatPercent(offered / target)}</Span>
          <Span tone="dim"> of target</Span>
        </Line>
      ) : null}
    </Flow>
  );
}

function barTone({ throttled, failed }: LiveSecond): 'bar' | 'warning' | 'failure' {
  if (failed > 0) return 'failure';
  return throttled > 0 ? 'warning' : 'bar';
}

const ON_BAR = { bar: 'onBar', warning: 'onWarning', failure: 'onFailure' } as const;

/** Records offered in each second, and the target rate as a line. */
function Chart({ view, columns, rows }: PanelProps) {
  const { shown, at } = secondsShown(view.seconds, columns);
  const highest = Math.max(...shown.map(({ offered, target }) => Math.max(offered, target ?? 0)), view.rpsTarget ?? 0);
  const perSecond = (tick: number) => `${tick < 10 ? Number(formatRate(tick)) : formatShort(tick).replace('.0', '')}/s`;
  const { shareOf, label } = linearAxis(highest, rows, perSecond);
  const cell = (column: number, row: number): Cell => {
    const second = at(column) ?? NO_SECOND;
    const { offered, target } = second;
    const tone = barTone(second);
    const isTarget = target !== undefined && row === rows - Math.max(1, Math.ceil(shareOf(target) * rows));
    if (!isTarget || rows < TARGET_ROWS_MIN) return [block(shareOf(offered), row, rows), tone];
    return offered >= target * HELD_SHARE ? ['━', ON_BAR[tone]] : ['─', 'strong'];
  };
  return <Plot columns={columns} rows={rows} label={label} cell={cell} />;
}

const MARKS = { bar: ['─', 'dim'], warning: ['!', 'warning'], failure: ['x', 'failure'] } as const;

/** The ground of the chart, with marks for seconds in which records were throttled or failed. */
function Ground({ view, columns }: PanelProps) {
  const { at } = secondsShown(view.seconds, columns);
  const cell = (column: number) => MARKS[barTone(at(column) ?? NO_SECOND)];
  return <Plot columns={columns} rows={1} label={() => '0'} cell={cell} />;
}

export const rate: Panel = {
  name: 'rate',
  side: 'left',
  wants: () => [2, 7, 8, 12, 14, 16, 18, Number.POSITIVE_INFINITY],
  Body(props) {
    const { view, rows } = props;
    const columns = props.columns - GUTTER_COLUMNS;
    const hasGround = rows > 2;
    const hasHeading = rows >= HEADING_ROWS_MIN;
    const hasTimes = rows >= TIMES_ROWS_MIN;
    const around = [true, hasGround, hasHeading, hasTimes].filter(Boolean).length;
    return (
      <>
        {hasHeading && (
          <Heading
            title={`rate: ${clean(view.schedule)}`}
            note={`${view.rpsTarget === undefined ? '' : '━ target  '}! throttled  x failed`}
          />
        )}
        <Figures {...props} />
        <Chart {...props} columns={columns} rows={rows - around} />
        {hasGround && <Ground {...props} columns={columns} />}
        {hasTimes && <TimeAxis seconds={view.seconds} columns={columns} />}
      </>
    );
  },
};
