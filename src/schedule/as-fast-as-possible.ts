import type { Pacer } from './pacer.js';

/**
 * No schedule: every record has been due for ever, so it goes when the target has room for it. Its intended time is
 * then the moment at which a worker takes it into a request.
 */
export class AsFastAsPossiblePacer implements Pacer {
  intendedAt(): number {
    return Number.NEGATIVE_INFINITY;
  }
}
