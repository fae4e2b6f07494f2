/** Lets one loop wait until the event is set, or a time has passed. Nothing is remembered: `set` only ends a wait. */
export class AutoResetEvent {
  #resolve: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  set(): void {
    clearTimeout(this.#timer);
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.();
  }

  /** Resolves at the next `set`, or after `ms`. An earlier `set` does not count: check the condition first. */
  wait(ms = Number.POSITIVE_INFINITY): Promise<void> {
    // State is kept in fields, not in a closure for each wait: V8 kept each closure alive by the next one.
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => this.set(), ms);
    });
  }
}
