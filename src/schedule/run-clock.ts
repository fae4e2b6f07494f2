/** The clock of a run: schedule time is the time since the start, without pauses. All times are milliseconds. */
export class RunClock {
  /** The clock at schedule time 0, with the pauses so far. */
  #originMs: number;
  #pausedAtMs: number | undefined;
  #pausedMs = 0;
  /** The pauses that are over. */
  readonly #pauses: { readonly fromMs: number; readonly toMs: number }[] = [];

  constructor(startMs: number) {
    this.#originMs = startMs;
  }

  /** Sets the clock at schedule time 0. A pause that has begun continues. */
  begin(startMs: number): void {
    this.#originMs = startMs;
    if (this.#pausedAtMs !== undefined) this.#pausedAtMs = startMs;
  }

  get paused(): boolean {
    return this.#pausedAtMs !== undefined;
  }

  /** The schedule time at a moment of the clock that no pause has followed. */
  elapsedAt(clockMs: number): number {
    return (this.#pausedAtMs ?? clockMs) - this.#originMs;
  }

  /** The schedule time at a moment of the clock that pauses may have followed. */
  elapsedAtPast(clockMs: number): number {
    const atMs = Math.min(clockMs, this.#pausedAtMs ?? clockMs);
    // The origin has moved by all pauses, but at that moment only by those before it.
    const laterMs = this.#pauses.reduce(
      (sum, { fromMs, toMs }) => (atMs < toMs ? sum + toMs - Math.max(fromMs, atMs) : sum),
      0,
    );
    return atMs - this.#originMs + laterMs;
  }

  /** The moment of the clock at a schedule time, if there is no further pause. */
  clockAt(scheduleMs: number): number {
    return this.#originMs + scheduleMs;
  }

  /** The length of all pauses before a moment of the clock. */
  pausedMsAt(clockMs: number): number {
    return this.#pausedMs + (this.#pausedAtMs === undefined ? 0 : clockMs - this.#pausedAtMs);
  }

  pause(clockMs: number): void {
    this.#pausedAtMs ??= clockMs;
  }

  /** Ends a pause. Returns its length. */
  resume(clockMs: number): number {
    // A pause from before the start counts from the start, which may still be in the future.
    const fromMs = this.#pausedAtMs ?? clockMs;
    const pausedMs = Math.max(0, clockMs - fromMs);
    if (pausedMs > 0) this.#pauses.push({ fromMs, toMs: clockMs });
    this.#originMs += pausedMs;
    this.#pausedMs += pausedMs;
    this.#pausedAtMs = undefined;
    return pausedMs;
  }
}
