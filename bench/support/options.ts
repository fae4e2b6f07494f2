/** The command-line options. */
export interface BenchOptions {
  /** The short form, which checks that the bench works; its figures mean nothing. */
  readonly smoke: boolean;
  /** Runs of each variant; undefined: the bench's default. */
  readonly runs: number | undefined;
  /** The duration of a long run, which replaces the usual ones. */
  readonly longMinutes: number | undefined;
  /** The size of the large file; undefined: the bench's default. */
  readonly largeGib: number | undefined;
}
