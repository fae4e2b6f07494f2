import type { LiveView } from '../../core/live.js';
import { dim, type Line, plain, span, spread, truncate, widthOf, widthOfLine } from '../text.js';

const KEYS: Line = [
  plain('q'),
  dim(' drain and stop · '),
  plain('p'),
  dim(' pause · '),
  plain('+'),
  dim('/'),
  plain('-'),
  dim(' rate · '),
  plain('?'),
  dim(' help'),
];
const HELP_KEY: Line = [plain('?'), dim(' help')];
const FEW_KEYS: Line = [plain('q'), dim(' stop · '), ...HELP_KEY];

/** What there is to be said at the left, the keys at the right: all of them where they fit, else the one that shows them. */
export function footerLine({ notice }: LiveView, columns: number): Line {
  if (notice === undefined) return widthOfLine(KEYS) <= columns ? KEYS : FEW_KEYS;
  const keys = widthOf(notice) + 3 + widthOfLine(KEYS) <= columns ? KEYS : HELP_KEY;
  return spread([span('throttle', truncate(notice, columns - widthOfLine(keys) - 2))], keys, columns);
}
