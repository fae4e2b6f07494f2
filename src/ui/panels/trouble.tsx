import type { LiveView } from '../../core/live.js';
import { formatCount, formatShort } from '../../core/units.js';
import type { Panel } from '../panel.js';
import { clean, Figure, Flow, Line, Span, type Tone } from '../style.js';

const EXACT_COLUMNS_MIN = 80;
/** With larger numbers the line of totals would be too long. */
const EXACT_MAX = 100_000;
const ROWS_MAX = 6;
/** Lines of whole items take more room than their text. */
const WRAPPED = 1.2;

/** Since the start: `throttled 1,714 times`, `requests failed 2`. */
function totalsOf({ requests, throttled, recordsRetried }: LiveView): [label: string, count: number, tone: Tone][] {
  return [
    ['throttled', throttled, 'warning'],
    ['records retried', recordsRetried, 'warning'],
    ['requests ok', requests.ok, 'strong'],
    ['failed', requests.failed, 'failure'],
    ['retried', requests.retried, 'warning'],
  ];
}

/** Throttling, retries and requests since the start, and errors by their code, the most frequent first. */
export const trouble: Panel = {
  name: 'trouble',
  side: 'right',
  wants: ({ errors }, { columns }) => {
    const errorColumns = Object.entries(errors).reduce((sum, [code, n]) => sum + code.length + String(n).length + 4, 8);
    const all = Math.min(ROWS_MAX, 1 + Math.ceil((errorColumns * WRAPPED) / columns));
    return [2, 2, 2, Math.min(3, all), Math.min(4, all), all];
  },
  Body({ view, columns, rows }) {
    const totals = totalsOf(view);
    const isExact = columns >= EXACT_COLUMNS_MIN && totals.every(([, count]) => count < EXACT_MAX);
    const format = isExact ? formatCount : formatShort;
    const errors = Object.entries(view.errors).sort(([, a], [, b]) => b - a);
    return (
      <>
        <Flow columns={columns} rows={1}>
          {totals.map(([label, count, tone], i) => (
            <Figure
              key={label}
              label={label}
              value={`${format(count)}${i === 0 ? ' times' : ''}`}
              tone={count > 0 && tone}
            />
          ))}
        </Flow>
        <Flow columns={columns} rows={rows - 1}>
          <Span tone="strong">errors{errors.length === 0 && ' none'}</Span>
          {errors.map(([code, count]) => (
            <Line key={code}>
              <Span tone="failure">{formatCount(count)}</Span>
              <Span tone="dim"> {clean(code)}</Span>
            </Line>
          ))}
        </Flow>
      </>
    );
  },
};
