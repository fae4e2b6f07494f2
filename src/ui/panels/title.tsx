import { Box } from 'ink';
import type { RunPhase } from '../../core/live.js';
import type { TargetReport } from '../../core/report.js';
import { formatDuration } from '../../core/units.js';
import { shardsText } from '../../target/kind.js';
import { targetKind } from '../../target/kinds.js';
import type { Strip } from '../panel.js';
import { clean, Line, Span, type Tone } from '../style.js';

const PHASES: Record<RunPhase, readonly [Tone, string]> = {
  starting: ['dim', '○ starting'],
  waiting: ['warning', '○ waiting'],
  running: ['good', '● running'],
  paused: ['warning', '■ paused'],
  draining: ['warning', '▼ draining'],
  done: ['good', '● done'],
};
/** 'kload run ', the arrow, and a column between all parts. */
const AROUND_COLUMNS = 16;
/** As wide as '59m 59s', so that the phase beside it does not move. */
const ELAPSED_COLUMNS = 8;
/** Where there is no room for all, the facts are cut before the names. */
const FACTS_SHRINK = 1e6;

/** Widths for two names that do not fit: each gets half of the room, or what the other one leaves. */
function widthsOf([first, second]: readonly [string, string], room: number): [number, number] | undefined {
  if (first.length + second.length <= room) return undefined;
  const width = Math.max(1, Math.min(first.length, Math.max(Math.floor(room / 2), room - second.length)));
  return [width, Math.max(1, room - width)];
}

function factsOf(target: TargetReport): string {
  const kind = targetKind(target.kind);
  const location = kind.location(target)?.replace(/^https?:\/\//, '');
  const limits = target.limits || !kind.hasShardLimits ? [] : ['limits off'];
  return [...limits, shardsText(kind.words, target.shards), ...(location ? [location] : [])]
    .map((fact) => `· ${clean(fact)}`)
    .join(' ');
}

/** `kload run  orders.csv → orders · 8 shards · eu-west-1     ● running  1m 05s` */
export const title: Strip = {
  name: 'title',
  rows: () => 1,
  Body({ view, columns }) {
    const { input, target, phase, elapsedMs } = view;
    const [tone, state] = PHASES[phase];
    const names = [clean(input), clean(target.stream ?? targetKind(target.kind).words.target)] as const;
    const elapsed = formatDuration(elapsedMs).padStart(ELAPSED_COLUMNS);
    const widths = widthsOf(names, columns - AROUND_COLUMNS - state.length - elapsed.length);
    return (
      <Box width={columns} height={1} columnGap={1} overflow="hidden">
        <Box flexShrink={0}>
          <Span tone="title">kload</Span>
          <Span tone="strong"> run </Span>
        </Box>
        <Box width={widths?.[0]}>
          <Line>
            <Span tone="strong">{names[0]}</Span>
          </Line>
        </Box>
        <Span tone="dim">→</Span>
        <Box width={widths?.[1]}>
          <Line>
            <Span tone="strong">{names[1]}</Span>
          </Line>
        </Box>
        <Box flexShrink={FACTS_SHRINK} flexGrow={1}>
          <Line>
            <Span tone="dim">{widths === undefined && factsOf(target)}</Span>
          </Line>
        </Box>
        <Box flexShrink={0}>
          <Span tone={tone}>{state}</Span>
          <Span tone="strong">{elapsed}</Span>
        </Box>
      </Box>
    );
  },
};
