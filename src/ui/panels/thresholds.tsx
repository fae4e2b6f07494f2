import { Box } from 'ink';
import type { LiveView } from '../../core/live.js';
import type { ThresholdReport } from '../../core/report.js';
import { formatDuration } from '../../core/units.js';
import { targetKind } from '../../target/kinds.js';
import type { Panel } from '../panel.js';
import { clean, Heading, Line, Span, type Tone } from '../style.js';
import { labelOf } from './shards.js';

const STATE_COLUMNS = 10;
/** Where there is no room for all, the text is cut before the value. */
const TEXT_SHRINK = 1e6;

interface State {
  readonly word: string;
  readonly tone: Tone;
  /** The lowest are shown if there is no room for all. */
  readonly order: number;
}

/** While the run goes on, one for the whole run may be broken now and hold in the end. */
function stateOf({ ok, value, since }: ThresholdReport, { phase }: LiveView): State {
  if (since !== null || (phase === 'done' && !ok)) return { word: 'crossed', tone: 'failure', order: 0 };
  if (value === null) return { word: 'no value', tone: 'dim', order: 2 };
  return ok ? { word: 'ok', tone: 'good', order: 3 } : { word: 'broken', tone: 'warning', order: 1 };
}

/** `crossed   latency.p99 < 200ms over 5s     412 ms  shard 3, since 12s` */
export const thresholds: Panel = {
  name: 'thresholds',
  side: 'right',
  wants({ thresholds }) {
    if (thresholds.length === 0) return [];
    const all = 1 + thresholds.length;
    return [2, Math.min(3, all), Math.min(4, all), Math.min(7, all), all];
  },
  Body({ view, rows }) {
    const all = view.thresholds.map((threshold) => ({ threshold, state: stateOf(threshold, view) }));
    const room = rows - 1;
    const shown = all.length <= room ? all : all.toSorted((a, b) => a.state.order - b.state.order).slice(0, room);
    const crossed = all.filter(({ state }) => state.order === 0).length;
    const hidden = all.length > shown.length ? `, ${shown.length} shown` : '';
    const { words } = targetKind(view.target.kind);
    return (
      <>
        <Heading title="thresholds" note={`${crossed} of ${all.length} crossed${hidden}`} />
        {shown.map(({ threshold: { threshold, got, value, shard, since }, state: { word, tone } }, row) => {
          const where = [
            ...(shard === null ? [] : [`${words.shard} ${labelOf(shard)}`]),
            ...(since === null ? [] : [`since ${formatDuration(since * 1000)}`]),
          ].join(', ');
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place.
            <Box key={row} height={1} flexShrink={0} overflow="hidden">
              <Box width={STATE_COLUMNS} flexShrink={0}>
                <Span tone={tone}>{word}</Span>
              </Box>
              <Box flexGrow={1} flexShrink={TEXT_SHRINK}>
                <Line>{clean(threshold)}</Line>
              </Box>
              <Line>
                {value !== null && <Span tone={tone === 'good' ? 'strong' : tone}> {clean(got)}</Span>}
                <Span tone="dim">{where === '' ? '' : `  ${where}`}</Span>
              </Line>
            </Box>
          );
        })}
      </>
    );
  },
};
