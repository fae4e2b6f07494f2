import { Box, Text, type TextProps } from 'ink';
import { createContext, type ReactNode, use } from 'react';
import { terminalText } from '../system/terminal-text.js';

/** The sixteen colours of the terminal's own theme, which are readable on dark and light backgrounds. */
const TONES = {
  plain: {},
  dim: { dimColor: true },
  strong: { bold: true },
  title: { color: 'cyan', bold: true },
  good: { color: 'green' },
  bar: { color: 'cyan' },
  tail: { color: 'blue' },
  barOnTail: { color: 'cyan', backgroundColor: 'blue' },
  warning: { color: 'yellow' },
  alarm: { color: 'yellow', bold: true },
  failure: { color: 'red', bold: true },
  onBar: { color: 'cyan', inverse: true },
  onWarning: { color: 'yellow', inverse: true },
  onFailure: { color: 'red', inverse: true },
} as const satisfies Record<string, TextProps>;

export type Tone = keyof typeof TONES;

/** Whether colours, bold and dim are wanted. */
export const Colour = createContext(true);

/** A piece of a line in one tone. */
export function Span({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }): ReactNode {
  return <Text {...(use(Colour) ? TONES[tone] : {})}>{children}</Text>;
}

/** One line, cut with an ellipsis where its place ends. */
export function Line({ children }: { readonly children: ReactNode }): ReactNode {
  return <Text wrap="truncate-end">{children}</Text>;
}

/** `label value` */
export function Figure(props: { readonly label: string; readonly value: string; readonly tone?: Tone | false }) {
  return (
    <Line>
      <Span tone="dim">{props.label} </Span>
      <Span tone={props.tone || 'strong'}>{props.value}</Span>
    </Line>
  );
}

interface FlowProps {
  readonly columns: number;
  readonly rows: number;
  readonly gap?: number;
  readonly children: ReactNode;
}

/** Items side by side, on as many lines as there are rows. Those without room are left out. */
export function Flow({ columns, rows, gap = 2, children }: FlowProps): ReactNode {
  return (
    <Box width={columns} height={rows} flexShrink={0} flexWrap="wrap" columnGap={gap} overflow="hidden">
      {children}
    </Box>
  );
}

/** `─ title ─────────────── note ─` */
export function Heading({ title, note }: { readonly title: string; readonly note?: ReactNode }): ReactNode {
  return (
    <Box height={1} flexShrink={0}>
      <Box flexShrink={0}>
        <Line>
          <Span tone="dim">─ </Span>
          <Span tone="strong">{title}</Span>{' '}
        </Line>
      </Box>
      <Rule />
      <Line>
        {note !== undefined && (
          <>
            {typeof note === 'string' ? <Span tone="dim"> {note}</Span> : <> {note}</>}
            <Span tone="dim"> ─</Span>
          </>
        )}
      </Line>
    </Box>
  );
}

/** A line over the room that is left. */
function Rule() {
  const sides = { borderBottom: false, borderLeft: false, borderRight: false };
  return <Box flexGrow={1} height={1} borderStyle="single" borderDimColor={use(Colour)} {...sides} />;
}

const INVISIBLE = /[\p{Mn}\p{Me}\p{Cf}]/gu;
const UNKNOWN = /[\p{Co}\p{Cn}]/gu;

/**
 * Cleans a name or a message from outside: nothing in it may move the cursor, change colours, or be of a width that
 * terminals do not agree on.
 */
export function clean(text: string): string {
  return terminalText(text.normalize('NFC')).replace(INVISIBLE, '').replace(UNKNOWN, '?');
}
