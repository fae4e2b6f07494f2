/** By what a run's schedule is made. */
export type ScheduleMode =
  | { readonly kind: 'constant-rate'; readonly rps: number }
  /** The recorded moments, this many times as fast. */
  | { readonly kind: 'recorded'; readonly speed: number }
  | { readonly kind: 'as-fast-as-possible' };
