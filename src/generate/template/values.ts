import { KEY_PREFIX } from '../keys.js';
import { Random } from '../random.js';
import { digitsOf, type Writer } from '../writer.js';
import { ArgumentError, type Field, type FieldContext } from './field.js';

/** Fields, by what they write. The functions of templates are made of these. */

const PHRASE_WORDS = 4;
const PHRASES = 2048;
const DECIMALS_MAX = 9;
/** No number that `Random.normal` returns is larger: the square root of -2 times the logarithm of 2^-53. */
const NORMAL_MAX = 8.6;
/** Digits of the largest number of a record. */
const SEQUENCE_DIGITS = 16;
const YEAR_MS = 365.25 * 86_400_000;

export function constant(text: string): Field {
  const bytes = Buffer.from(text);
  return { write: (writer) => writer.text(bytes), bytesMax: bytes.length };
}

export function sequence(width: number): Field {
  const write = (writer: Writer) => writer.digits(writer.ordinal, Math.max(width, digitsOf(writer.ordinal)));
  return { write, bytesMax: Math.max(width, SEQUENCE_DIGITS), isNumber: true };
}

export function key({ keyDigits }: FieldContext): Field {
  return { write: (writer) => writer.keyText(keyDigits), bytesMax: KEY_PREFIX.length + keyDigits };
}

/** Whole numbers, all equally likely. */
export function integer(min: number, max: number): Field {
  return decimal(min, max, 0);
}

/** Numbers with `decimals` decimal places, all equally likely. */
export function decimal(min: number, max: number, decimals: number): Field {
  const scale = scaleOf(decimals);
  const [low, high] = [unitsOf(min, scale), unitsOf(max, scale)];
  if (high < low) throw new ArgumentError(`has no number from ${min} to ${max}`);
  const count = high - low + 1;
  if (count > Number.MAX_SAFE_INTEGER) throw new ArgumentError('takes numbers less than 2^53 apart');
  const write =
    decimals === 0
      ? (writer: Writer) => writer.integer(low + writer.random.below(count))
      : (writer: Writer) => writer.decimal(low + writer.random.below(count), decimals, scale);
  return { write, bytesMax: Math.max(...[low, high].map((units) => decimalBytes(units, scale))), isNumber: true };
}

/** Numbers of a normal distribution. */
export function normal(mean: number, deviation: number, decimals: number): Field {
  const scale = scaleOf(decimals);
  const bounds = [-1, 1].map((sign) => unitsOf(mean + sign * NORMAL_MAX * deviation, scale));
  const write = (writer: Writer) => {
    writer.decimal(Math.round((mean + deviation * writer.random.normal()) * scale), decimals, scale);
  };
  return { write, bytesMax: Math.max(...bounds.map((units) => decimalBytes(units, scale))), isNumber: true };
}

function scaleOf(decimals: number): number {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > DECIMALS_MAX) {
    throw new ArgumentError(`takes 0 to ${DECIMALS_MAX} decimal digits, not ${decimals}`);
  }
  return 10 ** decimals;
}

/** A number in units of its last decimal digit. */
function unitsOf(value: number, scale: number): number {
  const units = Math.round(value * scale);
  if (!Number.isSafeInteger(units)) throw new ArgumentError('takes numbers below 2^53, with their decimal digits');
  return units;
}

function decimalBytes(units: number, scale: number): number {
  const size = Math.abs(units);
  return (units < 0 ? 1 : 0) + digitsOf(Math.floor(size / scale)) + (scale === 1 ? 0 : 1 + Math.log10(scale));
}

/** One of the texts, all equally likely. */
export function choice(texts: readonly string[]): Field {
  if (texts.length === 0) throw new ArgumentError('needs at least one value to choose from');
  const choices = texts.map((text) => Buffer.from(text));
  const write = (writer: Writer) => writer.text(choices[writer.random.below(choices.length)]!);
  return { write, bytesMax: longest(choices) };
}

/** One of the texts, each in proportion to its weight. */
export function weightedChoice(texts: readonly string[], weights: readonly number[]): Field {
  if (texts.length === 0 || texts.length !== weights.length) {
    throw new ArgumentError('needs as many weights as values, and at least one');
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!weights.every((weight) => weight >= 0) || !(total > 0) || !Number.isFinite(total)) {
    throw new ArgumentError('takes weights of at least 0, not all of them 0');
  }
  const choices = texts.map((text) => Buffer.from(text));
  let sum = 0;
  const bounds = weights.map((weight) => {
    sum += weight;
    return sum / total;
  });
  const last = weights.findLastIndex((weight) => weight > 0);
  const write = (writer: Writer) => {
    const drawn = writer.random.float();
    let index = 0;
    while (index < last && drawn >= bounds[index]!) index++;
    writer.text(choices[index]!);
  };
  return { write, bytesMax: longest(choices) };
}

/** So many words, with spaces between them. Most are written as phrases of some words that are made once. */
export function words(count: number, list: readonly string[]): Field {
  const single = list.map((word) => Buffer.from(`${word} `));
  const phrases = phrasesOf(list);
  const write = (writer: Writer) => {
    const { random } = writer;
    let left = count;
    for (; left >= PHRASE_WORDS; left -= PHRASE_WORDS) writer.text(phrases[random.below(phrases.length)]!);
    for (; left > 0; left--) writer.text(single[random.below(single.length)]!);
    // Each word ends with a space.
    if (count > 0) writer.at--;
  };
  const bytesMax = Math.floor(count / PHRASE_WORDS) * longest(phrases) + (count % PHRASE_WORDS) * longest(single);
  return { write, bytesMax };
}

function phrasesOf(list: readonly string[]): Buffer[] {
  const random = new Random(0);
  return Array.from({ length: PHRASES }, (_, phrase) => {
    random.begin(phrase);
    const words = Array.from({ length: PHRASE_WORDS }, () => `${list[random.below(list.length)]!} `);
    return Buffer.from(words.join(''));
  });
}

export function characters(count: number): Field {
  return { write: (writer) => writer.characters(count), bytesMax: count };
}

export function hex(count: number): Field {
  return { write: (writer) => writer.hex(count), bytesMax: count };
}

export function uuid(): Field {
  return { write: (writer) => writer.uuid(), bytesMax: 36 };
}

/** Digits, all equally likely. */
export function digits(count: number): Field {
  const write = (writer: Writer) => {
    for (let i = 0; i < count; i++) writer.byte(0x30 + writer.random.below(10));
  };
  return { write, bytesMax: count };
}

/** Four numbers below 256, as an address of IPv4. */
export function ipv4(): Field {
  return {
    write: (writer) => {
      const bits = writer.random.bits();
      for (let i = 0; i < 4; i++) {
        if (i > 0) writer.byte(0x2e);
        writer.integer((bits >>> (8 * i)) & 255);
      }
    },
    bytesMax: 15,
  };
}

/** The time at which the record is due. @param format makes the text of a time in epoch milliseconds */
export function now(format: (ms: number) => string): Field {
  const text = cachedBy(format);
  return { write: (writer) => writer.text(text(writer.atMs)), bytesMax: timeBytes(format) };
}

export function nowNumber(unitMs: number): Field {
  return { write: (writer) => writer.integer(Math.floor(writer.atMs / unitMs)), bytesMax: 16, isNumber: true };
}

/** A time between two distances from the moment at which the record is due. A negative one is before it. */
export function aroundNow(fromYears: number, toYears: number): Field {
  const [from, length] = [fromYears * YEAR_MS, (toYears - fromYears) * YEAR_MS];
  return someTime((writer) => writer.atMs + Math.floor(from + writer.random.float() * length));
}

export function between(fromMs: number, toMs: number): Field {
  if (!(fromMs <= toMs)) throw new ArgumentError('needs two times, the earlier one first');
  return someTime((writer) => fromMs + writer.random.below(toMs - fromMs + 1));
}

function someTime(draw: (writer: Writer) => number): Field {
  return { write: (writer) => writer.text(Buffer.from(isoText(draw(writer)))), bytesMax: 27 };
}

export const isoText = (ms: number) => new Date(ms).toISOString();

/** Many records are due in the same millisecond: the last text is kept. */
function cachedBy(format: (ms: number) => string): (ms: number) => Buffer {
  let lastMs = Number.NaN;
  let text = Buffer.alloc(0);
  return (ms) => {
    if (ms !== lastMs) text = Buffer.from(format(ms));
    lastMs = ms;
    return text;
  };
}

/** The longest text of a format, with the longest names of months and days. */
function timeBytes(format: (ms: number) => string): number {
  const days = Array.from({ length: 366 }, (_, day) => Date.UTC(2028, 0, 1 + day, 23, 59, 59, 999));
  return Math.max(...days.map((ms) => Buffer.byteLength(format(ms)))) + 8;
}

function longest(texts: readonly Uint8Array[]): number {
  return Math.max(...texts.map(({ length }) => length));
}
