import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import type { LiveView } from '../core/live.js';
import { composeFrame } from './frame.js';
import { fitLine, type Span } from './text.js';

export interface DashboardProps {
  readonly view: LiveView;
  readonly size: { readonly columns: number; readonly rows: number };
  readonly span: 'recent' | 'run';
  readonly helpPage: number | undefined;
  readonly colour: boolean;
}

const COLOURS = {
  title: 'cyan',
  good: 'green',
  bar: 'cyan',
  throttle: 'yellow',
  failure: 'red',
} as Record<string, string>;

/** The whole screen. */
export function Dashboard({ view, size, helpPage, colour }: DashboardProps): ReactElement {
  return (
    <Box width={size.columns} height={size.rows} flexDirection="column" overflow="hidden">
      {composeFrame(view, size, helpPage).map((line, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity
        <Text key={row} wrap="truncate">
          {fitLine(line, size.columns).map((span, index) => styled(span, index, colour))}
        </Text>
      ))}
    </Box>
  );
}

function styled({ text, style }: Span, key: number, colour: boolean): ReactElement | string {
  if (!colour || style === 'plain') return text;
  const isBold = ['bright', 'title', 'failure'].includes(style);
  return (
    <Text key={key} bold={isBold} dimColor={style === 'dim'} {...(COLOURS[style] && { color: COLOURS[style] })}>
      {text}
    </Text>
  );
}
