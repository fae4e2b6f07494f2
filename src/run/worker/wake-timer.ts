/** A timer waits no longer than this, for clocks drift apart. */
const WAIT_MAX_MS = 60_000;

/** Rings at one moment at a time: the one that was set last. */
export class WakeTimer {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;
  #atMs = Number.POSITIVE_INFINITY;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** @param atMs when to ring, by the clock that shows `nowMs`; Infinity: not at all. It may ring too early. */
  set(atMs: number, nowMs: number): void {
    if (atMs === this.#atMs) return;
    clearTimeout(this.#timer);
    this.#atMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(
      () => {
        this.#atMs = Number.POSITIVE_INFINITY;
        this.#ring();
      },
      Math.min(Math.max(0, atMs - nowMs), WAIT_MAX_MS),
    );
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
