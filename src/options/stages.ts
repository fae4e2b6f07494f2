import type { Arrival, Stage } from '../core/schedule-mode.js';
import { peakOf } from '../core/schedule-mode.js';
import { type ReadValue, runDuration, someDuration, ValueError, zeroOrMore } from './values.js';

const EXAMPLE = "'0..5000@1m, 5000@5m, 5000..0@30s'";
/** More would not fit a command line. */
const STAGES_MAX = 10_000;

/** 'FROM..TO@TIME' or 'RATE@TIME', separated by commas. */
export const stages: ReadValue<readonly Stage[]> = (text) => {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > STAGES_MAX) throw new ValueError(`takes at most ${STAGES_MAX} stages; --rate-file takes more`);
  const read = parts.map(stageOf);
  if (peakOf(read) === 0) throw new ValueError(`asks for no records: all rates are 0; write ${EXAMPLE}`);
  return read;
};

function stageOf(part: string): Stage {
  const [, from = '', to = from, time = ''] = /^([^@]*?)(?:\.\.([^@]*))?@(.*)$/.exec(part) ?? [];
  if (time === '') throw new ValueError(`takes stages such as ${EXAMPLE}, not '${part}'`);
  return {
    fromRps: readPart(zeroOrMore, from, part),
    toRps: readPart(zeroOrMore, to, part),
    durationMs: readPart(runDuration, time, part),
  };
}

/** A part of a value. Its error names the whole. */
function readPart<T>(read: ReadValue<T>, text: string, whole: string, name = 'stage'): T {
  try {
    return read(text.trim());
  } catch (error) {
    throw error instanceof ValueError ? new ValueError(`${name} '${whole}' ${error.message}`) : error;
  }
}

/** How records arrive; the seed is another option. */
export type ArrivalChoice = Exclude<Arrival, { kind: 'poisson' }> | { readonly kind: 'poisson' };

/** 'even', 'poisson' or 'burst:TIME'. */
export const arrival: ReadValue<ArrivalChoice> = (text) => {
  if (text === 'even' || text === 'poisson') return { kind: text };
  const [, time] = /^burst:(.*)$/.exec(text) ?? [];
  if (time === undefined) throw new ValueError(`takes even, poisson or burst:TIME, such as burst:500ms, not '${text}'`);
  return { kind: 'burst', everyMs: readPart(someDuration, time, text, 'burst') };
};
