import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimeZone } from '../../src/bytes/time-zone.js';
import { parseTimestamp, type TimestampFormat, timestampProblem } from '../../src/bytes/timestamp.js';

function parse(text: string, format?: TimestampFormat, zone?: string): number {
  const bytes = Buffer.from(`##${text}##`);
  return parseTimestamp(bytes, 2, bytes.length - 2, format, zone === undefined ? undefined : new TimeZone(zone));
}

const date = fc.date({
  min: new Date('0001-01-02T00:00:00Z'),
  max: new Date('9999-12-30T00:00:00Z'),
  noInvalidDate: true,
});
const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength });

describe('RFC 3339', () => {
  it('is read as Date.parse reads it', () => {
    fc.assert(
      fc.property(date, (when) => {
        expect(parse(when.toISOString())).toBe(when.getTime());
      }),
      { numRuns: 2000 },
    );
  });

  it('accepts any offset', () => {
    const offset = fc.tuple(
      fc.constantFrom('+', '-'),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
    );
    fc.assert(
      fc.property(date, offset, (when, [sign, hours, minutes]) => {
        const zone = `${sign}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
        const text = when.toISOString().replace('Z', zone);
        expect(parse(text)).toBe(Date.parse(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('accepts any number of fraction digits', () => {
    fc.assert(
      fc.property(date, digits(25), (when, fraction) => {
        const seconds = Math.floor(when.getTime() / 1000);
        const text = new Date(seconds * 1000).toISOString().replace(/\.000Z$/, `.${fraction}Z`);
        const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
        expect(Math.abs(parse(text) - Number(nanoseconds) / 1e6)).toBeLessThan(Math.abs(seconds) > 1e10 ? 0.07 : 0.002);
      }),
      { numRuns: 2000 },
    );
    expect(parse('2026-01-02T03:04:05.123456789Z')).toBeCloseTo(Date.parse('2026-01-02T03:04:05.123Z') + 0.456789, 3);
  });

  it.each([
    ['2026-01-02t03:04:05z', '2026-01-02T03:04:05Z'],
    ['2026-01-02 03:04:05Z', '2026-01-02T03:04:05Z'],
    ['  2026-01-02T03:04:05Z ', '2026-01-02T03:04:05Z'],
    ['2026-01-02T03:04:05-00:00', '2026-01-02T03:04:05Z'],
    ['2024-02-29T03:04:05+02:00', '2024-02-29T01:04:05Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00Z'],
    ['0000-02-29T00:00:00Z', '0000-02-29T00:00:00Z'],
  ])('%s is %s', (text, same) => {
    expect(parse(text)).toBe(Date.parse(same));
  });

  it.each([
    '2023-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-01-02T24:00:00Z',
    '2026-01-02T00:60:00Z',
    '2026-01-02T00:00:61Z',
    '2026-01-02T00:00:00',
    '2026-01-02T00:00:00.Z',
    '2026-01-02T00:00:00+2400',
    '2026-01-02T00:00:00+02:0',
    '2026-01-02T00:00:00+020',
    '2026-01-02T00:00:00 CET',
    '2026-01-02T00:00:00,Z',
    '2026-01-02T00:00:00+24:00',
    '2026-01-02T00:00:00+02:60',
    '2026-01-02T00:00:00Zx',
    '2026-01-02x00:00:00Z',
    '2026-01-02T00-00-00Z',
    '2026/01/02T00:00:00Z',
    '20x6-01-02T00:00:00Z',
    '2026-1-02T00:00:00.00Z',
    '2026-01-02',
    'Fri Jan 02 2026 00:00:00',
    '',
    ' ',
  ])('%j is unreadable', (text) => {
    expect(parse(text)).toBeNaN();
  });
});

describe('times that are nearly RFC 3339', () => {
  it.each([
    ['2026-01-02T03:04:05+0000', '2026-01-02T03:04:05Z'],
    ['2026-01-02T03:04:05.25+0530', '2026-01-02T03:04:05.250+05:30'],
    ['2026-01-02 03:04:05+00', '2026-01-02T03:04:05Z'],
    ['2026-01-02 03:04:05-08', '2026-01-02T03:04:05-08:00'],
    ['2026-01-02 03:04:05 UTC', '2026-01-02T03:04:05Z'],
    ['2026-01-02 03:04:05.5 gmt', '2026-01-02T03:04:05.500Z'],
    ['2026-01-02 03:04:05 +02:00', '2026-01-02T03:04:05+02:00'],
    ['2026-01-02T03:04:05,123Z', '2026-01-02T03:04:05.123Z'],
    ['2026-01-02 03:04:05,123', '2026-01-02T03:04:05.123Z', 'UTC'],
    ['2026-01-02T03:04:05', '2026-01-02T03:04:05+02:00', '+02:00'],
    ['2026-01-02T03:04:05', '2026-01-02T03:04:05-05:00', '-0500'],
    ['2026-01-02T03:04:05', '2026-01-02T03:04:05+01:00', 'Europe/Berlin'],
    ['2026-07-02T03:04:05', '2026-07-02T03:04:05+02:00', 'Europe/Berlin'],
    // The clocks go from 2:00 to 3:00, and from 3:00 back to 2:00.
    ['2026-03-29T01:59:59', '2026-03-29T01:59:59+01:00', 'Europe/Berlin'],
    ['2026-03-29T03:00:00', '2026-03-29T03:00:00+02:00', 'Europe/Berlin'],
    ['2026-10-25T02:30:00', '2026-10-25T02:30:00+02:00', 'Europe/Berlin'],
    ['2026-10-25T03:00:00', '2026-10-25T03:00:00+01:00', 'Europe/Berlin'],
    ['2026-01-02T03:04:05', '2026-01-02T03:04:05+05:45', 'Asia/Kathmandu'],
  ])('%s is %s', (text, same, zone?: string) => {
    expect(parse(text, 'auto', zone)).toBe(Date.parse(same));
    expect(parse(text, 'rfc3339', zone)).toBe(Date.parse(same));
  });

  it('without an offset are local times of the zone', () => {
    const zone = fc.constantFrom('America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC');
    const when = fc.date({ min: new Date('1990-01-01'), max: new Date('2037-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(when, zone, (date, name) => {
        // The Swedish format is like RFC 3339.
        const shown = date.toLocaleString('sv-SE', { timeZone: name });
        const read = new Date(parse(shown, 'auto', name));
        expect(read.toLocaleString('sv-SE', { timeZone: name })).toBe(shown);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['Fri, 02 Jan 2026 03:04:05 GMT', 'rfc1123', '2026-01-02T03:04:05Z'],
    ['2 Jan 2026 03:04:05 -0530', 'rfc1123', '2026-01-02T03:04:05-05:30'],
    ['02/Jan/2026:03:04:05 +0100', 'apache', '2026-01-02T03:04:05+01:00'],
    ['[29/Feb/2024:03:04:05 +0000]', 'apache', '2024-02-29T03:04:05Z'],
  ] as const)('%s is read as %s', (text, format, same) => {
    expect(parse(text, format)).toBe(Date.parse(same));
    expect(parse(text)).toBeNaN();
    expect(timestampProblem(text, "in column 'ts'")).toBe(
      `timestamp '${text}' in column 'ts': pass --timestamp-format ${format}`,
    );
  });

  it.each([
    ['30/Feb/2026:03:04:05 +0000', 'apache'],
    ['02/Foo/2026:03:04:05 +0000', 'apache'],
    ['02/Jan/2026:24:04:05 +0000', 'apache'],
    ['Fri, 02 Jan 2026 03:04:05', 'rfc1123'],
    ['2026-01-02T03:04:05Z', 'rfc1123'],
  ] as const)('%s is unreadable as %s', (text, format) => {
    expect(parse(text, format)).toBeNaN();
  });

  it('without an offset need --timestamp-zone', () => {
    const hint = 'pass --timestamp-zone, for example UTC or Europe/Berlin';
    expect(timestampProblem('2026-01-02 03:04:05', "in column 'ts'")).toBe(
      `timestamp '2026-01-02 03:04:05' in column 'ts' has no offset: ${hint}`,
    );
  });
});

describe('epoch numbers', () => {
  const units: [string, bigint, bigint, bigint][] = [
    ['seconds', 1n, 0n, 10n ** 11n - 1n],
    ['milliseconds', 1_000n, 10n ** 11n, 10n ** 14n - 1n],
    ['microseconds', 1_000_000n, 10n ** 14n, 10n ** 17n - 1n],
    ['nanoseconds', 1_000_000_000n, 10n ** 17n, 10n ** 20n - 1n],
  ];

  it.each(units)('are read as %s if they have their size', (_, perSecond, min, max) => {
    fc.assert(
      fc.property(fc.bigInt({ min, max }), (value) => {
        const expected = Number((value * 1_000_000n) / perSecond) / 1000;
        expect(Math.abs(parse(String(value)) - expected)).toBeLessThanOrEqual(Math.max(0.002, expected * 2 ** -51));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['0', 0],
    ['1767323045', 1767323045000],
    ['1767323045.', 1767323045000],
    ['1767323045.25', 1767323045250],
    ['1767323045123', 1767323045123],
    ['1767323045123.5', 1767323045123.5],
    ['1767323045123456', 1767323045123.456],
    ['1767323045123456789', 1767323045123.4568],
    ['00000000000001767323045', 1767323045000],
    [' 1767323045 ', 1767323045000],
    ['1.767323045e+9', 1767323045000],
    ['1.767323045123e18', 1767323045123],
    ['1767323045.123456789123456789', 1767323045123.4568],
  ])('%s', (text, ms) => {
    expect(parse(text)).toBeCloseTo(ms, 3);
  });

  it.each([
    '-1',
    '+1',
    'xyz',
    '1x',
    '1.2.3',
    '.5',
    '1e',
    '1e-3',
    '1e30',
    '123456789012345678901',
    'NaN',
    'Infinity',
    '0x10',
  ])('%s is unreadable', (text) => {
    expect(parse(text)).toBeNaN();
  });
});

describe('a format option', () => {
  const perMs = { s: -3, ms: 0, us: 3, ns: 6 } as const;
  const unit = fc.constantFrom('s' as const, 'ms' as const, 'us' as const, 'ns' as const);

  it('sets the unit of an epoch number, whatever its size', () => {
    fc.assert(
      fc.property(unit, fc.integer({ min: 0, max: 18 }), fc.nat(), (format, digits, seed) => {
        const text = String(seed).padEnd(digits, '7').slice(0, Math.max(1, digits));
        const ms = Number(text) / 10 ** perMs[format];
        if (ms >= 253_402_300_800_000) expect(parse(text, format)).toBeNaN();
        else expect(Math.abs(parse(text, format) - ms)).toBeLessThanOrEqual(Math.abs(ms) * 1e-15);
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[string, TimestampFormat, number]>([
    ['1767323045', 's', 1_767_323_045_000],
    ['1767323045', 'ms', 1_767_323_045],
    ['1767323045', 'us', 1_767_323.045],
    ['1767323045', 'ns', 1_767.323045],
    ['1767323045.5', 's', 1_767_323_045_500],
    ['1.767323045e9', 's', 1_767_323_045_000],
    ['1.767323045123e12', 'ms', 1_767_323_045_123],
    ['2026-01-02T03:04:05Z', 'rfc3339', 1_767_323_045_000],
    ['253402300799', 's', 253_402_300_799_000],
  ])('%s as %s is %d ms', (text, format, ms) => {
    expect(parse(text, format)).toBeCloseTo(ms, 6);
  });

  it.each<[string, TimestampFormat]>([
    ['2026-01-02T03:04:05Z', 's'],
    ['2026-01-02T03:04:05Z', 'ns'],
    ['1767323045', 'rfc3339'],
    ['1767323045123', 's'],
    ['1767323045123456', 'ms'],
    ['1767323045123456789', 'us'],
    ['253402300800', 's'],
    ['1e300', 'ns'],
    ['', 'ms'],
    ['-1', 'ms'],
  ])('%j does not fit %s', (text, format) => {
    expect(parse(text, format)).toBeNaN();
    expect(timestampProblem(text, 'here', format)).toMatch(
      /^timestamp ('.*' here is not (RFC 3339|a number of)|here is empty)/,
    );
  });
});
