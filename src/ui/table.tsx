import type { ReactNode } from 'react';
import { Line, Span, type Tone } from './style.js';

const CELL_COLUMNS_MAX = 12;

export interface TableRow {
  readonly name: string;
  readonly cells: readonly (string | readonly [text: string, tone: Tone])[];
}

interface TableProps {
  readonly title: string;
  readonly columns: number;
  /** The width of the first column, which holds the title and the names. */
  readonly nameColumns: number;
  readonly labels: readonly string[];
  readonly rows: readonly TableRow[];
}

/** A table whose header is a heading: `─ title ───── p50 ──── p90 ─`. */
export function Table({ title, columns, nameColumns, labels, rows }: TableProps): ReactNode {
  const cell = cellColumns(columns - nameColumns, labels.length);
  const header = labels.map((label) => ` ${label} `.padStart(cell, '─')).join('');
  const rule = ` ${'─'.repeat(Math.max(0, nameColumns - title.length - 3))}${header}`;
  return (
    <>
      <Line>
        <Span tone="dim">─ </Span>
        <Span tone="strong">{title}</Span>
        <Span tone="dim">{rule.padEnd(columns - title.length - 2, '─')}</Span>
      </Line>
      {rows.map(({ name, cells }) => (
        <Line key={name}>
          <Span tone="dim">{name.padEnd(nameColumns)}</Span>
          {cells.map((one, i) => {
            const [text, tone] = typeof one === 'string' ? [one, 'strong' as const] : one;
            return (
              <Span key={labels[i]} tone={tone}>
                {`${text.padStart(cell - 1)} `}
              </Span>
            );
          })}
        </Line>
      ))}
    </>
  );
}

/** The width of each cell of a row. */
export function cellColumns(columns: number, cells: number): number {
  return Math.min(CELL_COLUMNS_MAX, Math.floor(columns / cells));
}
