/** Lets one loop wait until something has happened, or a time has passed. */
export class AutoResetEvent {
  #resolve: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  set(): void {
    clearTimeout(this.#timer);
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.();
  }

  /** Resolves at the next ring, or after `ms`. What rang before is not heard: check what you wait for first. */
  wait(ms = Number.POSITIVE_INFINITY): Promise<void> {
    // What a wait leaves behind is here, and in no closure of its own: V8 kept one wait alive by the next.
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => this.set(), ms);
    });
  }
}
