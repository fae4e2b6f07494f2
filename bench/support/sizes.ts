export const MIB = 1024 * 1024;

export interface Size {
  readonly name: string;
  readonly bytes: number;
}

/** The sizes of records that most benches measure. */
export const SIZES: readonly Size[] = [
  { name: '100 B', bytes: 100 },
  { name: '1 kB', bytes: 1_000 },
];
