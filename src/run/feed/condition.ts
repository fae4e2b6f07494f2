/** A condition variable for one loop: it waits until `notify` is called, or a time has passed. */
export class Condition {
  #resolve: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Ends the wait, if there is one. */
  notify(): void {
    clearTimeout(this.#timer);
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.();
  }

  /** Resolves at the next `notify`, or after `ms`. Check the condition first: an earlier `notify` has no effect. */
  wait(ms = Number.POSITIVE_INFINITY): Promise<void> {
    // State is kept in fields. With a closure for each wait, V8 kept a chain of all closures alive.
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => this.notify(), ms);
    });
  }
}
