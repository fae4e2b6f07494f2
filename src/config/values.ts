import { z } from 'zod';
import { KINESIS_LIMITS } from '../core/limits.js';

/** Schemas of option values: text in, value out. The message says what is taken, with an example. */

/** @param what what the number must be, e.g. 'a whole number from 1 to 500' */
function numberFrom(pattern: RegExp, what: string, fits: (n: number) => boolean) {
  return z.string().transform((text, context) => {
    const n = Number(text.replaceAll('_', ''));
    if (pattern.test(text) && fits(n)) return n;
    context.issues.push({ code: 'custom', message: `takes ${what}, not '${text}'`, input: text });
    return z.NEVER;
  });
}

const WHOLE = /^\d[\d_]*$/;
const DECIMAL = /^(\d[\d_]*\.?\d*|\.\d+)$/;

export const whole = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  numberFrom(
    WHOLE,
    max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`,
    (n) => n >= min && n <= max,
  );

export const positive = numberFrom(DECIMAL, 'a number above 0', (n) => n > 0 && Number.isFinite(n));

const DURATION = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

/** '500ms', '30s', '1m30s', '2h' as milliseconds; '0' needs no unit. */
const anyDuration = z.string().transform((text, context) => {
  const parts = DURATION.exec(text);
  if (text === '0') return 0;
  if (parts !== null && text !== '') {
    const [, hours = '0', minutes = '0', seconds = '0', ms = '0'] = parts;
    return Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000 + Number(ms);
  }
  context.issues.push({
    code: 'custom',
    message: `takes a time with its unit (500ms, 30s, 1m30s), not '${text}'`,
    input: text,
  });
  return z.NEVER;
});

/** setTimeout counts to 2^31-1 ms, a little more than this; a longer time would end at once. */
const TIMER_DAYS_MAX = 24;
const TIMER_MS_MAX = TIMER_DAYS_MAX * 24 * 3_600_000;

const fitsTimer = (ms: number) => ms <= TIMER_MS_MAX;
const TIMER_BOUND = { error: `takes a time of at most ${TIMER_DAYS_MAX * 24}h (${TIMER_DAYS_MAX} days)` };

/** A time that something waits for. */
export const duration = anyDuration.refine(fitsTimer, TIMER_BOUND);

/** How long a run is: longer than none at all, and without a bound, because records are compared with it. */
export const runDuration = anyDuration.refine((ms) => ms > 0, { error: 'takes a time longer than 0, such as 30s' });

/** As `duration`, but longer than none at all. */
export const someDuration = runDuration.refine(fitsTimer, TIMER_BOUND);

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1e3, mb: 1e6, kib: 1024, mib: 1024 ** 2 };

const byteSize = z.string().transform((text, context) => {
  const [, digits = '', unit = ''] = /^(\d+)\s*([a-z]*)$/i.exec(text) ?? [];
  const factor = SIZE_UNITS[unit.toLowerCase()];
  if (digits !== '' && factor !== undefined) return Number(digits) * factor;
  context.issues.push({
    code: 'custom',
    message: `takes a number of bytes (200, 10kB, 1MiB), not '${text}'`,
    input: text,
  });
  return z.NEVER;
});

/** '200', '10kB', '1MiB' as bytes, as many as the largest record can have. */
export const recordSize = byteSize.refine((bytes) => bytes <= KINESIS_LIMITS.recordBytesMaxEver, {
  error: `takes at most ${KINESIS_LIMITS.recordBytesMaxEver / 1024 ** 2}MiB, the largest record there is`,
});

export const oneOf = <const T extends string>(...values: readonly T[]) =>
  z.enum(values, { error: (issue) => `takes ${values.join(', ')}, not '${String(issue.input)}'` }) as z.ZodType<
    T,
    string
  >;

export const text = z.string().min(1, { error: 'takes a value that is not empty' });

/** A partition key: the service's own bounds. */
export const partitionKey = z.string().refine((key) => key.length > 0 && [...key].length <= 256, {
  error: 'takes 1 to 256 characters',
});

/** Without userinfo: the value is written to reports. */
export const url = z
  .string()
  .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), {
    error: (issue) => `takes a URL such as http://localhost:4566, not '${String(issue.input)}'`,
    abort: true,
  })
  .refine((value) => new URL(value).username === '' && new URL(value).password === '', {
    error: 'takes a URL without a user and password',
  });
