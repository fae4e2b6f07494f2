import { backoffMs } from '../core/backoff.js';
import type { Failure } from '../core/failure.js';
import { nowMs } from '../system/clock.js';

/** At least this long between two tries: a shard lets itself be read five times a second. */
const PAUSE_MIN_MS = 200;

export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

export interface PatienceOptions {
  /** How long a call may go without a useful answer, milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** What an error means; throws what is a bug. */
  readonly failureOf: (error: unknown) => Failure;
  /** Waits; rejects when the signal comes meanwhile. */
  readonly pause: Pause;
  /** Told of each failure that will be tried again. */
  readonly onTrouble: (failure: Failure) => void;
  /** Told when a call that failed has worked in the end. */
  readonly onRecovery: () => void;
}

/**
 * Makes calls until they work. What the service throttles is asked for again for as long as it takes; what it fails at, or
 * does not answer, until the time is over. Whatever else is wrong is thrown, as it came.
 */
export class Patience {
  readonly #options: PatienceOptions;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  async until<T>(call: () => Promise<T>): Promise<T> {
    const { timeoutMs, signal, failureOf, onTrouble, onRecovery } = this.#options;
    let failedSinceMs: number | undefined;
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      const startedAtMs = nowMs();
      try {
        const result = await call();
        if (attempt > 1) onRecovery();
        return result;
      } catch (error) {
        // A call that broke off because the tail ends did not fail.
        signal.throwIfAborted();
        const failure = failureOf(error);
        if (failure.kind === 'fatal' || failure.kind === 'permanent') throw error;
        if (failure.kind === 'throttled') failedSinceMs = undefined;
        else failedSinceMs ??= startedAtMs;
        if (failedSinceMs !== undefined && nowMs() - failedSinceMs >= timeoutMs) throw error;
        onTrouble(failure);
      }
      await this.pause(PAUSE_MIN_MS + backoffMs(attempt, Math.random()));
    }
  }

  /** Waits; rejects when the tail ends meanwhile. */
  pause(ms: number): Promise<void> {
    const { pause, signal } = this.#options;
    return pause(ms, signal);
  }
}
