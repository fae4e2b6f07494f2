/** An allowance that refills steadily and holds at most one second's worth of it. */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #filledAtMs: number;

  /**
   * @param perSecond above 0; Infinity allows everything
   * @param now epoch milliseconds; the bucket begins full
   */
  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledAtMs = now;
  }

  /**
   * Whether `amount` can be taken now. What is larger than the bucket passes when the bucket is full: it could not
   * pass otherwise, and the debt that it leaves is paid back before anything else passes.
   */
  allows(amount: number, now: number): boolean {
    this.#fill(now);
    return this.#tokens >= Math.min(amount, this.#perSecond);
  }

  /** Whether nothing is owed: for what is only measured once it has happened. */
  hasSome(now: number): boolean {
    this.#fill(now);
    return this.#tokens > 0;
  }

  isFull(now: number): boolean {
    this.#fill(now);
    return this.#tokens === this.#perSecond;
  }

  /** May leave a debt. The time that a debt beyond the bucket takes to pay back does not shorten by what was saved. */
  take(amount: number): void {
    this.#tokens = amount > this.#perSecond ? Math.min(this.#tokens, 0) - amount : this.#tokens - amount;
  }

  /** How long until nothing is owed, milliseconds; 0 where nothing is. */
  owedMs(now: number): number {
    this.#fill(now);
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / this.#perSecond);
  }

  #fill(now: number): void {
    if (this.#tokens < this.#perSecond) {
      const elapsedMs = Math.max(0, now - this.#filledAtMs);
      this.#tokens = Math.min(this.#perSecond, this.#tokens + (elapsedMs * this.#perSecond) / 1000);
    }
    this.#filledAtMs = now;
  }
}
