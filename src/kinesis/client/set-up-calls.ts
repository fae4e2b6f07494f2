import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../../core/backoff.js';
import { KloadError } from '../../core/errors.js';
import { formatDuration } from '../../core/units.js';
import { reportingWait } from '../../core/waiting.js';
import { nowMs } from '../../system/clock.js';
import { failureOf } from '../errors/failures.js';
import { endpointLabel, targetError } from '../errors/target-error.js';
import type { KinesisConnection } from './client.js';

/** How long to wait for a stream before sending to it or reading from it. */
export interface SetUpWait {
  /** How long a call may go without a useful response, and how long a stream may stay CREATING, milliseconds. */
  readonly timeoutMs: number;
  /** Called with a line that says what kload is waiting for. */
  readonly onWait: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Network failures that can pass. Other codes, such as ECONNREFUSED or a bad certificate, mean a wrong address. */
const TRANSIENT = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'TimeoutError',
  'AbortError',
]);

/** Makes the first calls of a run or a tail, and retries if the service throttles or fails. */
export class SetUpCalls {
  readonly wait: SetUpWait;
  readonly #connection: KinesisConnection;
  readonly #signal: AbortSignal;

  constructor(connection: KinesisConnection, wait: SetUpWait) {
    this.#connection = connection;
    this.wait = wait;
    this.#signal = wait.signal ?? new AbortController().signal;
  }

  /**
   * Repeats a call until it succeeds or the time is over.
   *
   * @param call one attempt, which must stop when its signal aborts
   * @throws the last attempt's error if retrying is useless, or a KloadError if the time is over
   */
  async until<T>(operation: string, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeoutMs, onWait } = this.wait;
    const signal = this.#signal;
    const deadlineMs = nowMs() + timeoutMs;
    let lastError: unknown;
    for (let attempt = 1; ; attempt++) {
      try {
        const result = call(attempt === 1 ? signal : endingAt(deadlineMs, signal));
        return await (attempt === 1 ? this.reporting(operation, result) : result);
      } catch (error) {
        signal.throwIfAborted();
        // An attempt that the deadline cut short says less about the problem than the attempt before it.
        if (lastError === undefined || nowMs() < deadlineMs) lastError = error;
        const trouble = this.#transientTrouble(lastError);
        if (trouble === undefined) throw lastError;
        const leftMs = deadlineMs - nowMs();
        if (leftMs <= 0) throw this.#gaveUp(lastError);
        if (attempt === 1) onWait(`${operation}: ${trouble}; trying again for up to ${formatDuration(timeoutMs)}`);
        await this.pause(Math.min(backoffMs(attempt, Math.random()), leftMs));
      }
    }
  }

  /** Passes a call's result through, and reports the wait if no response comes. */
  reporting<T>(operation: string, result: Promise<T>): Promise<T> {
    const { timeoutMs, onWait } = this.wait;
    const endpoint = endpointLabel(this.#connection);
    const text = `${operation}: no response from ${endpoint} yet; waiting up to ${formatDuration(timeoutMs)}`;
    return reportingWait(result, () => onWait(text));
  }

  /** Rejects if the signal aborts first. */
  pause(ms: number): Promise<void> {
    return delay(ms, undefined, { signal: this.#signal });
  }

  /** Describes an error that may pass; undefined: the next attempt would fail as well. */
  #transientTrouble(error: unknown): string | undefined {
    if (error instanceof KloadError) return undefined;
    const { kind, code, message } = failureOf(error);
    if (kind === 'unreachable') return TRANSIENT.has(code) ? `no response (${code})` : undefined;
    const [firstLine = ''] = message.split('\n', 1);
    return kind === 'throttled' || kind === 'retriable' ? `${code}: ${firstLine}` : undefined;
  }

  #gaveUp(error: unknown): unknown {
    const explained = targetError(error, this.#connection);
    if (!(explained instanceof KloadError)) return explained;
    const tried = `kload tried for ${formatDuration(this.wait.timeoutMs)}, as --target-timeout says`;
    const { exit, message, hint } = explained;
    return new KloadError(exit, message, hint === undefined ? tried : `${tried}; ${hint}`);
  }
}

function endingAt(deadlineMs: number, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Math.ceil(deadlineMs - nowMs())))]);
}
