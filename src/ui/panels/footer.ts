import type { Strip } from '../layout.js';
import { dim, type Line, plain, span, spread, truncate, widthOf, widthOfLine } from '../text.js';

const HELP_KEY: Line = [plain('?'), dim(' help')];
const PLUS_MINUS: Line = [plain('+'), dim('/'), plain('-')];
const LEAST_KEYS: Line = [plain('q'), dim(' stop · '), ...HELP_KEY];

/** The keys in three forms, the longest first. Only a constant rate can be changed. */
function keyForms(hasRate: boolean): Line[] {
  const rate = hasRate ? [...PLUS_MINUS, dim(' rate · ')] : [];
  const pause = [plain('p'), dim(' pause · '), ...rate, ...HELP_KEY];
  const terse = [plain('q p '), ...(hasRate ? [...PLUS_MINUS, dim(' ')] : []), ...HELP_KEY];
  return [[plain('q'), dim(' drain and stop · '), ...pause], [plain('q'), dim(' stop · '), ...pause], terse];
}

/** Only the keys: as many of them as fit. */
export const keysLines: Strip = ({ rpsTarget }, columns) => {
  const forms = keyForms(rpsTarget !== undefined).slice(0, 2);
  return [forms.find((form) => widthOfLine(form) <= columns) ?? LEAST_KEYS];
};

export const noticeLines: Strip = ({ notice }, columns) => (notice === undefined ? [] : [noticeLine(notice, columns)]);

function noticeLine(notice: string, columns: number): Line {
  return [span('throttle', truncate(notice, columns))];
}

/** The notice on the left, and on the right the keys, in the longest form that leaves the notice whole. */
export const footerLines: Strip = (view, columns) => {
  const { notice, rpsTarget } = view;
  if (notice === undefined) return keysLines(view, columns);
  const forms = keyForms(rpsTarget !== undefined);
  const room = columns - widthOf(notice) - 3;
  const keys = forms.find((form) => widthOfLine(form) <= room) ?? forms.at(-1) ?? HELP_KEY;
  return [spread(noticeLine(notice, columns - widthOfLine(keys) - 2), keys, columns)];
};
