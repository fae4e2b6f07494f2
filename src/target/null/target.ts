import { nowMs } from '../../system/clock.js';
import type { OutgoingRecord, SendResult, Target } from '../target.js';

/** Accepts all records and discards them, so that a run measures kload itself. */
export class NullTarget implements Target {
  readonly recognisesResends = false;

  async warmUp(): Promise<void> {}

  send(_batch: readonly OutgoingRecord[], onOffered: (atMs: number) => void): Promise<SendResult> {
    const now = nowMs();
    onOffered(now);
    return Promise.resolve({
      offered: true,
      offeredAtMs: now,
      endedAtMs: now,
      refusal: undefined,
      failures: [],
      shardIds: [],
    });
  }

  close(): void {}
}
