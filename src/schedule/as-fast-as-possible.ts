import type { Pacer } from './pacer.js';

/**
 * No schedule: every record is due already, so it is sent when the target has room for it. Its intended time becomes
 * the moment at which a worker takes it into a batch.
 */
export class AsFastAsPossiblePacer implements Pacer {
  intendedAt(): number {
    return Number.NEGATIVE_INFINITY;
  }
}
