import { z } from 'zod';

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
export const duration = z.string().transform((text, context) => {
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

/** As `duration`, but longer than none at all. */
export const someDuration = duration.refine((ms) => ms > 0, { error: 'takes a time longer than 0, such as 30s' });

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1e3, mb: 1e6, kib: 1024, mib: 1024 ** 2 };

/** '200', '10kB', '1MiB' as bytes. */
export const byteSize = z.string().transform((text, context) => {
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

export const url = z.string().refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), {
  error: (issue) => `takes a URL such as http://localhost:4566, not '${String(issue.input)}'`,
});
