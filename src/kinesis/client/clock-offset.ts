import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { ClockOffset } from '../../core/clock-offset.js';

/** A Date header has whole seconds: the service's time is up to this much later. */
const DATE_STEP_MS = 1000;

/**
 * Finds how far this machine's clock is ahead of the service's, from the Date headers of some responses. Each response
 * was dated after its request was sent and before it was received, which bounds the offset from both sides.
 */
export class ClockOffsets {
  #minMs = Number.NEGATIVE_INFINITY;
  #maxMs = Number.POSITIVE_INFINITY;

  /** @param date the Date header of a response that no cache has kept */
  note(date: string | undefined, sentAtMs: number, receivedAtMs: number): void {
    const dateMs = Date.parse(date ?? '');
    if (Number.isNaN(dateMs)) return;
    this.#minMs = Math.max(this.#minMs, sentAtMs - dateMs - DATE_STEP_MS);
    this.#maxMs = Math.min(this.#maxMs, receivedAtMs - dateMs);
  }

  /** Notes the responses that a client gets from now on. */
  watch(client: KinesisClient): void {
    client.middlewareStack.add(
      (next) => async (args) => {
        const sentAtMs = Date.now();
        const result = await next(args);
        const { headers = {} } = result.response as { headers?: Readonly<Record<string, string | undefined>> };
        if (headers.age === undefined) this.note(headers.date, sentAtMs, Date.now());
        return result;
      },
      { step: 'deserialize', priority: 'low', name: 'kloadClockOffset' },
    );
  }

  /** null: no response had a date, or they contradict each other because a clock was set in between. */
  get offset(): ClockOffset | null {
    const rangeMs = this.#maxMs - this.#minMs;
    if (!Number.isFinite(rangeMs) || rangeMs < 0) return null;
    return { offsetMs: (this.#minMs + this.#maxMs) / 2, uncertaintyMs: rangeMs / 2 };
  }
}
