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
/** As wide as '59m 59s', so that the phase beside it does not move. */
const ELAPSED_COLUMNS = 8;
/** Where there is no room for all, the facts are cut before the names. */
const FACTS_SHRINK = 1e6;

function factsOf(target: TargetReport): string {
  const kind = targetKind(target.kind);
  const location = kind.location(target)?.replace(/^https?:\/\//, '');
  const limits = target.limits || !kind.hasShardLimits ? [] : ['limits off'];
  return [...limits, shardsText(kind.words, target.shards), ...(location ? [location] : [])]
    .map((fact) => ` · ${clean(fact)}`)
    .join('');
}

/** `kload run  orders.csv → orders · 8 shards · eu-west-1     ● running  1m 05s` */
export const title: Strip = {
  name: 'title',
  rows: () => 1,
  Body({ view, columns }) {
    const { input, target, phase, elapsedMs } = view;
    const [tone, state] = PHASES[phase];
    const name = target.stream ?? targetKind(target.kind).words.target;
    return (
      <Box width={columns} height={1}>
        <Box flexShrink={0}>
          <Span tone="title">kload</Span>
          <Span tone="strong"> run </Span>
        </Box>
        <Name>{` ${clean(input)}`}</Name>
        <Box flexShrink={0}>
          <Span tone="dim"> → </Span>
        </Box>
        <Name>{clean(name)}</Name>
        <Box flexShrink={FACTS_SHRINK} flexGrow={1}>
          <Line>
            <Span tone="dim">{factsOf(target)}</Span>
          </Line>
        </Box>
        <Box flexShrink={0}>
          <Span tone={tone}> {state}</Span>
          <Span tone="strong">{formatDuration(elapsedMs).padStart(ELAPSED_COLUMNS)}</Span>
        </Box>
      </Box>
    );
  },
};

function Name({ children }: { readonly children: string }) {
  return (
    <Line>
      <Span tone="strong">{children}</Span>
    </Line>
  );
}
