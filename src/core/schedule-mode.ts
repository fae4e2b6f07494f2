/** By what a run's schedule is made. */
export type ScheduleMode =
  | { readonly kind: 'constant-rate'; readonly rps: number }
  /** The recorded moments, this many times as fast; before that, longer silences are shortened to `gapMaxMs`. */
  | { readonly kind: 'recorded'; readonly speed: number; readonly gapMaxMs?: number | undefined }
  | { readonly kind: 'as-fast-as-possible' };
