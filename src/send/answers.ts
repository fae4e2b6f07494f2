/** A silence counts as no more time than this: a lane with little to send is not one that takes little. */
const SILENCE_MAX_MS = 1_000;

/**
 * What a shard took and threw back of the requests of a while. Time is that of the handing over, so that neither latency
 * nor what was under way before distorts the rates.
 */
export class Answers {
  #accepted = 0;
  #throttled = 0;
  #requests = 0;
  #spanMs = 0;
  #lastHandedAtMs = Number.NaN;

  get count(): number {
    return this.#accepted + this.#throttled;
  }

  get accepted(): number {
    return this.#accepted;
  }

  get throttled(): number {
    return this.#throttled;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Between the first and the last request, milliseconds. */
  get spanMs(): number {
    return this.#spanMs;
  }

  /** Of n requests the span knows the time of n - 1: the last one's is still to come. */
  get takenPerSecond(): number {
    const taken = this.#accepted * (1 - 1 / Math.max(this.#requests, 2));
    return (taken * 1000) / Math.max(this.#spanMs, 1);
  }

  clear(): void {
    this.#accepted = 0;
    this.#throttled = 0;
    this.#requests = 0;
    this.#spanMs = 0;
    this.#lastHandedAtMs = Number.NaN;
  }

  /** Whether answers of a request handed over then are those of one that is counted already: they come all at once. */
  isOfLast(handedAtMs: number): boolean {
    return handedAtMs === this.#lastHandedAtMs;
  }

  /** The answers that are added next are of another request. */
  nextRequest(handedAtMs: number): void {
    this.#requests++;
    const passedMs = handedAtMs - this.#lastHandedAtMs;
    if (passedMs < 0) return;
    if (passedMs > 0) this.#spanMs += Math.min(passedMs, SILENCE_MAX_MS);
    this.#lastHandedAtMs = handedAtMs;
  }

  add(accepted: number, throttled: number): void {
    this.#accepted += accepted;
    this.#throttled += throttled;
  }
}
