import type { LiveView } from '../../core/live.js';
import { formatCount, formatShort } from '../../core/units.js';
import { bright, dim, flow, type Line, span } from '../text.js';

const ROWS_MAX = 2;

function terms({ records, phase }: LiveView, format: (n: number) => string): Line[] {
  const lost = (label: string, n: number): Line => [
    dim(`+ ${label} `),
    n > 0 ? span('failure', format(n)) : bright(format(n)),
  ];
  const twice = records.maybeDuplicated;
  return [
    [dim('read '), bright(format(records.read))],
    [dim('= sent '), bright(format(records.sent))],
    lost('failed', records.failed),
    lost('rejected', records.rejected),
    [dim(phase === 'done' ? '+ unsent ' : '+ pending '), bright(format(records.unsent))],
    ...(twice > 0 ? [[dim('(maybe duplicated '), span('throttle', format(twice)), dim(')')]] : []),
  ];
}

/** `read 12,345 = sent 12,000 + failed 0 + rejected 3 + pending 342`, with exact numbers if they fit. */
export function ledgerLines(view: LiveView, columns: number): Line[] {
  const exact = flow(terms(view, formatCount), columns, ' ');
  return exact.length <= ROWS_MAX ? exact : flow(terms(view, formatShort), columns, ' ');
}
