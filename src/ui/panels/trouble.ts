import type { LiveView } from '../../core/live.js';
import { formatCount, formatShort } from '../../core/units.js';
import type { Panel } from '../layout.js';
import { bright, dim, flow, type Line, plain, type Size, type Style, span, widthOfLine } from '../text.js';

type Format = (n: number) => string;
type Figure = readonly [label: string, n: number, style: Style];

/** `requests ok 478 failed 2 retried 31`, with numbers above 0 in their own colour. */
function group(title: string, figures: readonly Figure[], format: Format): Line {
  return [
    bright(title),
    ...figures.flatMap(([label, n, style]) => [dim(` ${label} `), span(n > 0 ? style : 'bright', format(n))]),
  ];
}

function groups({ requests, throttled, recordsRetried }: LiveView, format: Format): Line[] {
  const ofRequests: Figure[] = [
    ['ok', requests.ok, 'bright'],
    ['failed', requests.failed, 'failure'],
    ['retried', requests.retried, 'throttle'],
  ];
  const ofRecords: Figure[] = [
    ['throttled', throttled, 'throttle'],
    ['retried', recordsRetried, 'throttle'],
  ];
  return [group('requests', ofRequests, format), group('records', ofRecords, format)];
}

function errorItems(view: LiveView): Line[] {
  const codes = Object.entries(view.errors).sort(([, a], [, b]) => b - a);
  if (codes.length === 0) return [[bright('errors'), dim(' none')]];
  return codes.map(([code, n], index): Line => {
    const title = index === 0 ? [bright('errors ')] : [];
    return [...title, span('failure', formatCount(n)), dim(` ${code}`)];
  });
}

/** Requests, retries, throttles, and errors by their code. */
export function troubleLines(view: LiveView, columns: number): Line[] {
  const exact = flow(groups(view, formatCount), columns);
  const fits = exact.length === 1 && exact.every((line) => widthOfLine(line) <= columns);
  const counts = fits ? exact : flow(groups(view, formatShort), columns);
  return [...counts, ...flow(errorItems(view), columns)];
}

export const troublePanel: Panel = {
  floor: { columns: 0, rows: 2 },
  side: 'left',
  wants: (view, { columns }) => [Math.min(3, troubleLines(view, columns).length), 0, 0, 0, 4],
  render,
};

/** If there are too few rows, the last one holds everything that is left, cut at the end of the column. */
function render(view: LiveView, { columns, rows }: Size): Line[] {
  const lines = troubleLines(view, columns);
  const rest = lines.slice(rows - 1).flatMap((line, index) => (index === 0 ? line : [plain('   '), ...line]));
  return [...lines.slice(0, rows - 1), rest];
}
