/** A timer waits no longer than this, because clocks drift apart. */
const WAIT_MAX_MS = 60_000;

/** Calls a function at the time that was set last. */
export class WakeTimer {
  readonly #wake: () => void;
  #timer: NodeJS.Timeout | undefined;
  #atMs = Number.POSITIVE_INFINITY;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** @param atMs when to call, by the clock that shows `nowMs`; Infinity: not at all. The call may come too early. */
  set(atMs: number, nowMs: number): void {
    if (atMs === this.#atMs) return;
    clearTimeout(this.#timer);
    this.#atMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(
      () => {
        this.#atMs = Number.POSITIVE_INFINITY;
        this.#wake();
      },
      Math.min(Math.max(0, atMs - nowMs), WAIT_MAX_MS),
    );
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
