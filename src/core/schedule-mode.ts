/** How records are spread around the moments that an even rate gives them. */
export type Arrival =
  /** At equal distances, as far as the rate stays the same. */
  | { readonly kind: 'even' }
  /** At random: the distances are exponentially distributed, as between independent events. */
  | { readonly kind: 'poisson'; readonly seed: number }
  /** All records of an interval at its start. */
  | { readonly kind: 'burst'; readonly everyMs: number };

/** A part of a run in which the rate goes from one value to another, in a straight line. */
export interface Stage {
  /** Records a second. */
  readonly fromRps: number;
  readonly toRps: number;
  /** Infinity: the rate stays, without end. */
  readonly durationMs: number;
}

/** How a run is scheduled. */
export type ScheduleMode =
  | { readonly kind: 'constant-rate'; readonly rps: number; readonly arrival?: Arrival }
  /** The run ends with the last stage. `file`: the rate file that the stages were read from. */
  | { readonly kind: 'stages'; readonly stages: readonly Stage[]; readonly file?: string; readonly arrival?: Arrival }
  /** Data and keys, as the target counts them. */
  | { readonly kind: 'bytes-per-second'; readonly bytesPerSecond: number; readonly arrival?: Arrival }
  /** At the recorded moments: gaps are shortened to `gapMaxMs`, and then everything is `speed` times as fast. */
  | { readonly kind: 'recorded'; readonly speed: number; readonly gapMaxMs?: number | undefined }
  | { readonly kind: 'as-fast-as-possible' };

/** The highest rate of all stages. */
export function peakOf(stages: readonly Stage[]): number {
  return stages.reduce((peak, { fromRps, toRps }) => Math.max(peak, fromRps, toRps), 0);
}

/** How long all stages are. */
export function lengthOf(stages: readonly Stage[]): number {
  return stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
}
