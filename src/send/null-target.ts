import { nowMs } from '../core/clock.js';
import type { SendResult, Target } from './target.js';

/** Takes everything and keeps nothing: what is measured then is kload itself. */
export class NullTarget implements Target {
  async warmUp(): Promise<void> {}

  send(): Promise<SendResult> {
    const now = nowMs();
    return Promise.resolve({ handedAtMs: now, endedAtMs: now, refusal: undefined, failures: [], shardIds: [] });
  }

  close(): void {}
}
