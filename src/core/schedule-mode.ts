/** How a run is scheduled. */
export type ScheduleMode =
  | { readonly kind: 'constant-rate'; readonly rps: number }
  /** At the recorded moments: gaps are shortened to `gapMaxMs`, and then everything is `speed` times as fast. */
  | { readonly kind: 'recorded'; readonly speed: number; readonly gapMaxMs?: number | undefined }
  | { readonly kind: 'as-fast-as-possible' };
