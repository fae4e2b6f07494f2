/** How often each partition key of generated records is chosen. */
export type KeyDistribution =
  | { readonly kind: 'uniform' }
  /** The keys take turns. */
  | { readonly kind: 'sequential' }
  /** The key of rank r is chosen in proportion to 1 / r^exponent. */
  | { readonly kind: 'zipf'; readonly exponent: number }
  /** The share `hot` of the keys gets the share `load` of the records. */
  | { readonly kind: 'hotspot'; readonly hot: number; readonly load: number };

/** The sizes of generated records, in bytes. */
export type SizeLaw =
  | { readonly kind: 'fixed'; readonly bytes: number }
  | { readonly kind: 'uniform'; readonly min: number; readonly max: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'lognormal'; readonly p50: number; readonly p99: number };

/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.3263478740408408;

/** The standard deviation of the logarithms of a lognormal law's sizes. */
export function sigmaOf({ p50, p99 }: { readonly p50: number; readonly p99: number }): number {
  return Math.log(p99 / p50) / Z99;
}

/** The mean size of a law whose sizes are not cut off. */
export function meanOf(law: SizeLaw): number {
  if (law.kind === 'fixed') return law.bytes;
  if (law.kind === 'uniform') return (law.min + law.max) / 2;
  return law.kind === 'normal' ? law.mean : law.p50 * Math.exp(sigmaOf(law) ** 2 / 2);
}
