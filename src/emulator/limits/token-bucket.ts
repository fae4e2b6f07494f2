/** A bucket of tokens that refills steadily and holds one second's worth at most. */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #filledAtMs: number;

  /**
   * @param perSecond above 0; Infinity allows everything
   * @param now       epoch milliseconds; the bucket starts full
   */
  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledAtMs = now;
  }

  /**
   * Whether `amount` can be taken now. An amount larger than the bucket can be taken when the bucket is full, since it
   * could never be taken otherwise. It leaves a debt, and nothing else can be taken until that is paid back.
   */
  allows(amount: number, now: number): boolean {
    this.#fill(now);
    return this.#tokens >= Math.min(amount, this.#perSecond);
  }

  /** Whether there are any tokens: for amounts that are only known afterwards. */
  hasTokens(now: number): boolean {
    this.#fill(now);
    return this.#tokens > 0;
  }

  isFull(now: number): boolean {
    this.#fill(now);
    return this.#tokens === this.#perSecond;
  }

  /** May leave a debt. An amount larger than the bucket is not reduced by the tokens in it. */
  take(amount: number): void {
    this.#tokens = amount > this.#perSecond ? Math.min(this.#tokens, 0) - amount : this.#tokens - amount;
  }

  /** How long until the debt is paid back, milliseconds; 0 if there is none. */
  debtMs(now: number): number {
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
