import { nowMs } from '../../system/clock.js';
import type { OutgoingRecord, SendResult, Target } from '../target.js';

/** Takes everything and keeps nothing: what is measured then is kload itself. */
export class NullTarget implements Target {
  readonly recognisesResends = false;

  async warmUp(): Promise<void> {}

  send(_batch: readonly OutgoingRecord[], handedOver: (atMs: number) => void): Promise<SendResult> {
    const now = nowMs();
    handedOver(now);
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
