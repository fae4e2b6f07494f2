import { Box, Text } from 'ink';
import type { LiveView } from '../../core/live.js';
import { shortageText } from '../../report/capacity.js';
import type { Strip } from '../panel.js';
import { clean, Span } from '../style.js';

const ROWS_MAX = 2;

/** '2 shards take 2,000 records/s; 5,000 are asked for: 5 shards are needed'; undefined: there are enough. */
export function verdictOf({ capacity }: LiveView): string | undefined {
  const text = shortageText(capacity);
  return text === undefined ? undefined : clean(text);
}

/** Why the stream cannot take the rate: shown from the moment that this is known. */
export const verdict: Strip = {
  name: 'verdict',
  rows(view, columns) {
    const text = verdictOf(view);
    return text === undefined ? 0 : text.length + 2 <= columns ? 1 : ROWS_MAX;
  },
  Body({ view, columns, rows }) {
    return (
      <Box width={columns} height={rows} overflow="hidden">
        <Text wrap={rows > 1 ? 'wrap' : 'truncate-end'}>
          <Span tone="onWarning"> ! </Span>
          <Span tone="alarm"> {verdictOf(view)}</Span>
        </Text>
      </Box>
    );
  },
};
