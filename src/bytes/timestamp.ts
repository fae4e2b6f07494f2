import { COLON, COMMA, DOT, MINUS, PLUS, SPACE, ZERO } from './ascii.js';
import { TimeZone } from './time-zone.js';
import { parseWrittenDate, type WrittenFormat, writtenFormatOf } from './written-date.js';

/** Parses timestamps in the formats of logs and recordings. */

const MS_PER_DAY = 86_400_000;
/** A double holds every number of this many digits exactly. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);
const DAYS_IN_MONTH = Uint8Array.of(31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);

/** Formats of timestamps. `auto` is RFC 3339 and similar, or an epoch number whose unit follows from its size. */
export const TIMESTAMP_FORMATS = ['auto', 'rfc3339', 's', 'ms', 'us', 'ns', 'rfc1123', 'apache'] as const;
export type TimestampFormat = (typeof TIMESTAMP_FORMATS)[number];
type EpochFormat = Exclude<TimestampFormat, 'rfc3339' | WrittenFormat>;

/** A unit is `msPerUnit` / 10^`unitsPerMsPower` milliseconds. Numbers with more than `digitsMax` digits are refused. */
const UNITS = {
  s: { msPerUnit: 1000, unitsPerMsPower: 0, digitsMax: 12 },
  ms: { msPerUnit: 1, unitsPerMsPower: 0, digitsMax: 15 },
  us: { msPerUnit: 1, unitsPerMsPower: 3, digitsMax: 18 },
  ns: { msPerUnit: 1, unitsPerMsPower: 6, digitsMax: 20 },
} as const;
type Unit = (typeof UNITS)[keyof typeof UNITS];
/** RFC 3339 has years of four digits. */
const YEAR_10000_MS = 253_402_300_800_000;

/**
 * Reads the time in `bytes[from, to)`: RFC 3339 with any number of fraction digits and any offset, or a number of
 * seconds, milliseconds, microseconds or nanoseconds since 1970, with or without a fraction. The number's size decides
 * its unit, unless `format` does. Also accepts common variants of RFC 3339: a space for the T, a comma before the
 * fraction, and offsets such as `+0200`, `+02` and ` UTC`.
 *
 * @param zone the zone of times without an offset; undefined: such times can't be read
 * @returns epoch milliseconds, to about a quarter of a microsecond; NaN for anything else
 */
export function parseTimestamp(
  bytes: Uint8Array,
  from: number,
  to: number,
  format: TimestampFormat = 'auto',
  zone?: TimeZone,
): number {
  let start = from;
  let end = to;
  while (start < end && bytes[start] === SPACE) start++;
  while (start < end && bytes[end - 1] === SPACE) end--;
  if (format === 'auto' || format === 'rfc3339') {
    if (end - start >= DATE_TIME_BYTES && bytes[start + 4] === MINUS) return parseRfc3339(bytes, start, end, zone);
    if (format === 'rfc3339') return Number.NaN;
  } else if (format === 'rfc1123' || format === 'apache') {
    if (end - start > WRITTEN_BYTES_MAX) return Number.NaN;
    return parseWrittenDate(Buffer.from(bytes.subarray(start, end)).toString('latin1'), format);
  }
  return parseEpochNumber(bytes, start, end, format);
}

/** Explains why parseTimestamp could not read a timestamp. */
export function timestampProblem(text: string, where: string, format: TimestampFormat = 'auto'): string {
  if (text === '') return `timestamp ${where} is empty`;
  const isoFormat = format === 'auto' || format === 'rfc3339';
  const inUtc = parseTimestamp(Buffer.from(text), 0, Buffer.byteLength(text), format, UTC);
  if (isoFormat && !Number.isNaN(inUtc)) {
    return `timestamp '${text}' ${where} has no offset: pass --timestamp-zone, for example UTC or Europe/Berlin`;
  }
  const written = isoFormat ? writtenFormatOf(text.trim()) : undefined;
  if (written !== undefined) return `timestamp '${text}' ${where}: pass --timestamp-format ${written}`;
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return `timestamp '${shown}' ${where} is not ${FORMAT_NAMES[format]}`;
}

const UTC = new TimeZone('UTC');
const DATE_TIME_BYTES = '2026-01-02T03:04:05'.length;
const WRITTEN_BYTES_MAX = 64;

const FORMAT_NAMES: Readonly<Record<TimestampFormat, string>> = {
  auto: 'RFC 3339 or an epoch number',
  rfc3339: 'RFC 3339',
  s: 'a number of seconds since 1970, before the year 10000',
  ms: 'a number of milliseconds since 1970, before the year 10000',
  us: 'a number of microseconds since 1970, before the year 10000',
  ns: 'a number of nanoseconds since 1970, of at most 20 digits',
  rfc1123: "a time as in RFC 1123, such as 'Fri, 02 Jan 2026 03:04:05 GMT'",
  apache: "a time as in Apache's logs, such as '02/Jan/2026:03:04:05 +0000'",
};

/** Parses 2026-01-02T03:04:05[.123][Z|+02:00], which must have at least 19 bytes. */
function parseRfc3339(bytes: Uint8Array, from: number, to: number, zone: TimeZone | undefined): number {
  const year = twoDigits(bytes, from) * 100 + twoDigits(bytes, from + 2);
  const month = twoDigits(bytes, from + 5);
  const day = twoDigits(bytes, from + 8);
  const between = bytes[from + 10];
  const hour = twoDigits(bytes, from + 11);
  const minute = twoDigits(bytes, from + 14);
  const second = twoDigits(bytes, from + 17);
  if (between !== SPACE && (between! | 0x20) !== 0x74) return Number.NaN;
  if (bytes[from + 7] !== MINUS || bytes[from + 13] !== COLON || bytes[from + 16] !== COLON) return Number.NaN;
  // A pair of bytes that is not two digits is far below zero, which also makes the year negative. Second 60 is a leap
  // second.
  if (year < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return Number.NaN;
  const days = daysSinceEpoch(year, month, day);
  if (Number.isNaN(days)) return Number.NaN;

  let at = from + 19;
  let fractionMs = 0;
  if (at < to && (bytes[at] === DOT || bytes[at] === COMMA)) {
    const digits = at + 1;
    at = endOfDigits(bytes, digits, to);
    if (at === digits) return Number.NaN;
    const used = Math.min(at - digits, EXACT_DIGITS);
    fractionMs = (integer(bytes, digits, digits + used) * 1000) / POWERS_OF_TEN[used]!;
  }
  const ms = days * MS_PER_DAY + ((hour * 60 + minute) * 60 + second) * 1000 + fractionMs;
  while (at < to && bytes[at] === SPACE) at++;
  if (at === to) return zone === undefined ? Number.NaN : ms - zone.offsetMs(ms);
  return ms - parseOffset(bytes, at, to) * 60_000;
}

/** Parses Z, z, +hh:mm, +hhmm, +hh, UTC or GMT into minutes east of Greenwich; NaN for anything else. */
function parseOffset(bytes: Uint8Array, at: number, to: number): number {
  const sign = bytes[at];
  const length = to - at;
  if (length === 1) return (sign! | 0x20) === 0x7a ? 0 : Number.NaN;
  if (sign !== PLUS && sign !== MINUS) return length === 3 && isUtcName(bytes, at) ? 0 : Number.NaN;
  const hours = twoDigits(bytes, at + 1);
  const hasColon = length === 6 && bytes[at + 3] === COLON;
  if (!hasColon && length !== 5 && length !== 3) return Number.NaN;
  const minutes = length === 3 ? 0 : twoDigits(bytes, hasColon ? at + 4 : at + 3);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Number.NaN;
  return sign === PLUS ? hours * 60 + minutes : -(hours * 60 + minutes);
}

function isUtcName(bytes: Uint8Array, at: number): boolean {
  const name = String.fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!).toUpperCase();
  return name === 'UTC' || name === 'GMT';
}

/** Parses 1767323045, 1767323045.123, 1767323045123, 1767323045123456 or 1767323045123456789. */
function parseEpochNumber(bytes: Uint8Array, from: number, to: number, format: EpochFormat): number {
  const point = endOfDigits(bytes, from, to);
  if (point === from) return Number.NaN;
  const end = point < to && bytes[point] === DOT ? endOfDigits(bytes, point + 1, to) : point;
  if (end !== to) return parseExponent(bytes, from, to, format);
  let start = from;
  while (start < point && bytes[start] === ZERO) start++;
  const digits = point - start;
  const unit = format === 'auto' ? unitOf(digits) : UNITS[format];
  if (digits > unit.digitsMax) return Number.NaN;
  const { msPerUnit, unitsPerMsPower } = unit;
  // Nanoseconds have more digits than a double holds, so the first digits and the rest are scaled separately, then
  // added.
  const lowDigits = Math.max(digits - EXACT_DIGITS, 0);
  const high = integer(bytes, start, point - lowDigits);
  const low = integer(bytes, point - lowDigits, point);
  const fractionDigits = Math.min(Math.max(end - point - 1, 0), EXACT_DIGITS);
  const fraction = integer(bytes, point + 1, point + 1 + fractionDigits) / POWERS_OF_TEN[fractionDigits]!;
  const ms =
    (high * msPerUnit) / POWERS_OF_TEN[unitsPerMsPower - lowDigits]! +
    ((low + fraction) * msPerUnit) / POWERS_OF_TEN[unitsPerMsPower]!;
  return ms < YEAR_10000_MS ? ms : Number.NaN;
}

/** 11 digits of seconds reach the year 5138, 12 digits of milliseconds begin in 1973, so the size gives the unit. */
function unitOf(digits: number): Unit {
  if (digits <= 11) return UNITS.s;
  if (digits <= 14) return UNITS.ms;
  return digits <= 17 ? UNITS.us : UNITS.ns;
}

/** Parses 1.767323045e+18, as some programs print large floats. Allocates, because it is rare. */
function parseExponent(bytes: Uint8Array, from: number, to: number, format: EpochFormat): number {
  if (to - from > 40) return Number.NaN;
  const text = String.fromCharCode(...bytes.subarray(from, to));
  const value = /^\d+(\.\d*)?[eE]\+?\d+$/.test(text) ? Number(text) : Number.NaN;
  // Below 1e20 the number's text has no exponent, so parseTimestamp does not get here again.
  if (!(value < 1e20)) return Number.NaN;
  const plain = Buffer.from(String(value));
  return parseTimestamp(plain, 0, plain.length, format);
}

/** The last day. A recording has millions of times, but few days. */
const last = { day: 19700101, sinceEpoch: 0 };

/** Returns the number of days since 1970-01-01; NaN for a day that does not exist. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const date = (year * 100 + month) * 100 + day;
  if (date === last.day) return last.sinceEpoch;
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return Number.NaN;
  last.day = date;
  last.sinceEpoch = countDays(year, month, day);
  return last.sinceEpoch;
}

/** Counts years from March, so that the leap day is the last day of a year (algorithm by H. Hinnant). */
function countDays(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = month > 2 ? month - 3 : month + 9;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((153 * marchMonth + 2) / 5) + day - 719_469;
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return DAYS_IN_MONTH[month - 1]!;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Returns the value of two digits; far below zero if they are not digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1_000_000;
}

function endOfDigits(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! >= ZERO && bytes[at]! <= ZERO + 9) at++;
  return at;
}

function integer(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 10 + (bytes[at]! - ZERO);
  return value;
}
