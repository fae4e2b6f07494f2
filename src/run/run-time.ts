import { type ExitReason, KloadError } from '../core/errors.js';
import { formatDuration } from '../core/units.js';
import { unlessAborted } from '../core/waiting.js';
import { nowMs } from '../system/clock.js';

/** '--max-time 30s', '--max-time 500ms'. */
export function maxTimeText(ms: number): string {
  return `--max-time ${ms % 1000 === 0 ? formatDuration(ms) : `${ms}ms`}`;
}

/** How long a run may take: until `--max-time` is over, or until the user ends it. */
export class RunTime {
  /** On the shared clock; undefined for a run without a bound. */
  readonly endsAtMs: number | undefined;
  /** Aborts when the time is over. */
  readonly signal: AbortSignal;
  readonly #maxTimeMs: number | undefined;
  readonly #ended: AbortSignal;

  /** @param signal ends the time early */
  constructor(maxTimeMs: number | undefined, signal: AbortSignal = new AbortController().signal) {
    this.#maxTimeMs = maxTimeMs;
    this.endsAtMs = maxTimeMs === undefined ? undefined : nowMs() + maxTimeMs;
    this.#ended = signal;
    this.signal = maxTimeMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(maxTimeMs)]);
  }

  /**
   * Waits for `work` until the time is over.
   *
   * @param missed what did not happen in time, for the message: 'the target responded'
   * @throws KloadError when the time is over, or the reason of the signal that ended it
   */
  async limit<T>(work: Promise<T>, exit: ExitReason, missed: string): Promise<T> {
    try {
      return await unlessAborted(work, this.signal);
    } catch (error) {
      this.#ended.throwIfAborted();
      if (!this.signal.aborted) throw error;
      const over = `${maxTimeText(this.#maxTimeMs ?? 0)} was over before ${missed}`;
      throw new KloadError(exit, over, 'nothing was sent; allow more time, or leave --max-time out');
    }
  }
}
