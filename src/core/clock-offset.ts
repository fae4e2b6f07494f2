/** How far this machine's clock is ahead of the target's, in milliseconds, and how far off that may be. */
export interface ClockOffset {
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
}

/** Parts of a run that begin by clocks further apart than this do not begin together. */
const OFFSET_MS_MAX = 100;

/** A warning about a clock that is certainly off; undefined: it may be right. */
export function offsetWarning({ offsetMs, uncertaintyMs }: ClockOffset): string | undefined {
  if (Math.abs(offsetMs) - uncertaintyMs <= OFFSET_MS_MAX) return undefined;
  const [off, by] = [Math.round(Math.abs(offsetMs)), Math.round(uncertaintyMs)];
  const way = offsetMs > 0 ? 'ahead of' : 'behind';
  return `this machine's clock is ${off} ms (±${by} ms) ${way} the target's: parts may begin at different times`;
}
