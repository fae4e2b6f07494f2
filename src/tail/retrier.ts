import { backoffMs } from '../core/backoff.js';
import type { Failure } from '../core/failure.js';
import { nowMs } from '../system/clock.js';

/** The shortest pause before a retry, because a shard allows only five reads per second. */
const PAUSE_MIN_MS = 200;

export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

export interface RetrierOptions {
  /** How long a call may go without a useful response, milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Classifies an error; rethrows one that is a bug. */
  readonly failureOf: (error: unknown) => Failure;
  /** Waits; rejects if the signal aborts first. */
  readonly pause: Pause;
  /** Called for each failure before the retry. */
  readonly onTrouble: (failure: Failure) => void;
  /** Called when a retry works. */
  readonly onRecovery: () => void;
}

/**
 * Repeats calls until they work. Retries throttled calls without a limit. Retries calls that fail or get no response
 * until the time is over. Rethrows all other errors.
 */
export class Retrier {
  readonly #options: RetrierOptions;

  constructor(options: RetrierOptions) {
    this.#options = options;
  }

  async call<T>(call: () => Promise<T>): Promise<T> {
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
        // A call that the end of the tail interrupted did not fail.
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

  /** Waits; rejects if the tail ends first. */
  pause(ms: number): Promise<void> {
    const { pause, signal } = this.#options;
    return pause(ms, signal);
  }
}
