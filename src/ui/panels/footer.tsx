import { Box } from 'ink';
import { RECENT_SECONDS } from '../../core/live.js';
import type { PanelProps, Strip } from '../panel.js';
import { clean, Line, Span } from '../style.js';
import { verdictOf } from './verdict.js';

/** The keys beside a notice have at least this much room. */
const KEYS_COLUMNS_MIN = 24;

/** The most important first: those without room are left out. Only a rate can be changed, not recorded moments. */
function keysOf({ view, span }: PanelProps): [key: string, what: string][] {
  return [
    ['?', 'help'],
    ['q', 'stop'],
    ['p', view.phase === 'paused' ? 'resume' : 'pause'],
    ...(view.rpsTarget === undefined ? [] : [['+/-', 'rate'] as [string, string]]),
    ['w', span === 'run' ? `last ${RECENT_SECONDS} s` : 'whole run'],
  ];
}

/** A notice on the left, without what the verdict says already, and the keys on the right. */
export const footer: Strip = {
  name: 'footer',
  rows: () => 1,
  Body(props) {
    const { view, columns } = props;
    const notice = clean(view.notice ?? '')
      .replace(verdictOf(view) ?? '', '')
      .replace(/: $/, '');
    return (
      <Box width={columns} height={1}>
        <Line>
          <Span tone="warning">{notice}</Span>
        </Line>
        <Box
          flexBasis={Math.min(columns, KEYS_COLUMNS_MIN)}
          flexGrow={1}
          flexShrink={0}
          height={1}
          flexWrap="wrap"
          justifyContent="flex-end"
          columnGap={2}
          overflow="hidden"
        >
          {keysOf(props).map(([key, what]) => (
            <Line key={key}>
              <Span tone="strong">{key}</Span>
              <Span tone="dim"> {what}</Span>
            </Line>
          ))}
        </Box>
      </Box>
    );
  },
};
