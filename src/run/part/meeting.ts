import { KloadError } from '../../core/errors.js';
import type { Part } from '../../core/part.js';
import { formatDuration } from '../../core/units.js';

/** The parts have time to get to know the moment at which they begin. */
export const START_LEAD_MS = 1000;

/** What a part brings to a barrier. */
export interface Meeting {
  readonly part: Part;
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly onNotice: (text: string) => void;
}

/** A barrier that all parts have reached. */
export interface Barrier {
  /** When they begin, epoch milliseconds of this machine's clock; undefined: at once. */
  readonly startAtMs: number | undefined;
  /** Part 1 tells the moment to a part that was started again, until this is called. */
  close(): void;
}

/** The barrier of a part without others. */
export const ONLY: Barrier = { startAtMs: undefined, close: () => {} };

/** 'part 3 of 8 is missing', 'parts 3, 5 of 8 are missing'. */
export function missingError(missing: readonly number[], { of }: Part, timeoutMs: number, hint?: string): KloadError {
  const which = missing.length === 1 ? `part ${missing[0]} of ${of} is` : `parts ${missing.join(', ')} of ${of} are`;
  return new KloadError(
    'target',
    `${which} missing after ${formatDuration(timeoutMs)}: nothing was sent`,
    hint ?? 'start all parts with the same options; --barrier-timeout sets how long to wait',
  );
}
