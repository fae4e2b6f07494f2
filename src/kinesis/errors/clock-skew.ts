import { formatDuration } from '../../core/units.js';

/** The service refuses signatures that are five minutes off. */
export const SKEW_MS_MIN = 240_000;

export const SKEW_CODES: ReadonlySet<string> = new Set([
  'InvalidSignatureException',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
]);

/**
 * Says how far this machine's clock is off; undefined: not far enough to matter.
 *
 * @param offsetMs what has to be added to this machine's time to get the service's
 */
export function skewText(offsetMs: number): string | undefined {
  // Negated so that NaN (no time from the service) is not taken for a skew.
  if (!(Math.abs(offsetMs) >= SKEW_MS_MIN)) return undefined;
  const off = formatDuration(Math.round(Math.abs(offsetMs) / 1000) * 1000);
  return `this machine's clock is ${off} ${offsetMs > 0 ? 'behind' : 'ahead of'} the service's`;
}

/** The same for an error response that a skewed clock may have caused. */
export function skewOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !SKEW_CODES.has(error.name)) return undefined;
  const { $response } = error as Error & { $response?: { headers?: Readonly<Record<string, string>> } };
  const text = skewText(Date.parse($response?.headers?.date ?? '') - Date.now());
  if (text !== undefined) return text;
  return /signature (expired|not yet current)/i.test(error.message) ? "check this machine's clock" : undefined;
}
