import type { LiveView } from '../../core/live.js';
import { dim, type Line, plain, span, spread, truncate, widthOf, widthOfLine } from '../text.js';

const HELP_KEY: Line = [plain('?'), dim(' help')];
const STOP_KEYS: Line = [plain('q'), dim(' drain and stop · '), plain('p'), dim(' pause · ')];
const RATE_KEYS: Line = [plain('+'), dim('/'), plain('-'), dim(' rate · ')];
const FEW_KEYS: Line = [plain('q'), dim(' stop · '), ...HELP_KEY];

/** What there is to be said at the left, the keys at the right: all of them where they fit, else the one that shows them. */
export function footerLine({ notice, rpsTarget }: LiveView, columns: number): Line {
  // Only a constant rate can be changed.
  const all = [...STOP_KEYS, ...(rpsTarget === undefined ? [] : RATE_KEYS), ...HELP_KEY];
  if (notice === undefined) return widthOfLine(all) <= columns ? all : FEW_KEYS;
  const keys = widthOf(notice) + 3 + widthOfLine(all) <= columns ? all : HELP_KEY;
  return spread([span('throttle', truncate(notice, columns - widthOfLine(keys) - 2))], keys, columns);
}
