/** Lets one loop wait until something has happened, or a time has passed. */
export class Bell {
  #ring: (() => void) | undefined;

  ring(): void {
    this.#ring?.();
  }

  /** Resolves at the next ring, or after `ms`. What rang before is not heard: check what you wait for first. */
  wait(ms = Number.POSITIVE_INFINITY): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => this.ring(), ms);
      this.#ring = () => {
        clearTimeout(timer);
        this.#ring = undefined;
        resolve();
      };
    });
  }
}
