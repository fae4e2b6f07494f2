import { formatDuration } from '../../core/units.js';

/** Clocks that differ by less are close enough: the service refuses signatures that are five minutes off. */
export const SKEW_MS_MIN = 240_000;

export const SKEW_CODES: ReadonlySet<string> = new Set([
  'InvalidSignatureException',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
]);

/**
 * Describes how far this machine's clock is off; undefined: too little to matter.
 *
 * @param offsetMs the service's time minus this machine's
 */
export function skewText(offsetMs: number): string | undefined {
  // Negated so that NaN (the service sent no time) does not count as a skew.
  if (!(Math.abs(offsetMs) >= SKEW_MS_MIN)) return undefined;
  const off = formatDuration(Math.round(Math.abs(offsetMs) / 1000) * 1000);
  return `this machine's clock is ${off} ${offsetMs > 0 ? 'behind' : 'ahead of'} the service's`;
}

/** Describes the skew for an error that a skewed clock may have caused; undefined for any other error. */
export function skewOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !SKEW_CODES.has(error.name)) return undefined;
  const { $response } = error as Error & { $response?: { headers?: Readonly<Record<string, string>> } };
  const text = skewText(Date.parse($response?.headers?.date ?? '') - Date.now());
  if (text !== undefined) return text;
  return /signature (expired|not yet current)/i.test(error.message) ? "check this machine's clock" : undefined;
}
