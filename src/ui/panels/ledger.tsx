import type { LiveView } from '../../core/live.js';
import { formatCount, formatShort } from '../../core/units.js';
import type { Strip } from '../panel.js';
import { Figure, Flow, type Tone } from '../style.js';

const ROWS_MAX = 2;

function termsOf({ records, phase }: LiveView): [label: string, count: number, toneAboveZero: Tone][] {
  const { read, sent, failed, rejected, unsent, maybeDuplicated } = records;
  return [
    ['read', read, 'strong'],
    ['= sent', sent, 'strong'],
    ['+ failed', failed, 'failure'],
    ['+ rejected', rejected, 'failure'],
    [phase === 'done' ? '+ unsent' : '+ pending', unsent, 'strong'],
    ...(maybeDuplicated > 0 ? [['  maybe duplicated', maybeDuplicated, 'warning'] as [string, number, Tone]] : []),
  ];
}

/** How many columns the terms take with exact numbers. */
function exactColumns(view: LiveView): number {
  return termsOf(view).reduce((sum, [label, count]) => sum + label.length + formatCount(count).length + 2, -1);
}

/** `read 12,345 = sent 12,000 + failed 0 + rejected 3 + pending 342`, with exact numbers if two lines hold them. */
export const ledger: Strip = {
  name: 'ledger',
  rows: (view, columns) => (exactColumns(view) <= columns ? 1 : ROWS_MAX),
  Body({ view, columns, rows }) {
    // The second line begins with a whole term.
    const format = exactColumns(view) <= columns * 1.5 ? formatCount : formatShort;
    return (
      <Flow columns={columns} rows={rows} gap={1}>
        {termsOf(view).map(([label, count, tone]) => (
          <Figure key={label} label={label} value={format(count)} tone={count > 0 && tone} />
        ))}
      </Flow>
    );
  },
};
