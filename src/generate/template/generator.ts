import { dateFormat } from './date-format.js';
import { ArgumentError, type Field } from './field.js';
import {
  aroundNow,
  between,
  characters,
  choice,
  constant,
  decimal,
  digits,
  ipv4,
  isoText,
  now,
  uuid,
  weightedChoice,
} from './values.js';

/** Makes a field from the values in parentheses. */
type Make = (args: readonly unknown[]) => Field;

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const WEEKDAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const IMAGES =
  'image imageUrl abstract animals business cats city food nightlife fashion people nature sports technics transport'.split(
    ' ',
  );
const DAYS_OF_YEAR = 365.25;

/** Functions of the Kinesis Data Generator whose values are made for each record. */
export const GENERATOR_FUNCTIONS: Readonly<Record<string, Make>> = {
  'random.number': ([options]) => randomNumber(options),
  'random.arrayElement': ([values]) => choice(textsOf(values ?? ['a', 'b', 'c'])),
  'random.objectElement': ([object, field]) => objectElement(object ?? { foo: 'bar', too: 'car' }, field),
  'random.weightedArrayElement': ([options]) => {
    const { weights, data } = objectOf(options, '{"weights":[0.9,0.1],"data":["a","b"]}');
    return weightedChoice(textsOf(data), numbersOf(weights));
  },
  'random.uuid': () => uuid(),
  'random.boolean': () => choice(['true', 'false']),
  'random.alphaNumeric': ([count = 1]) => characters(countOf(count)),
  'date.now': ([format]) => timeNow(format),
  'date.utc': ([format]) => timeNow(format),
  'date.past': ([years = 1]) => aroundNow(-numberOf(years), 0),
  'date.future': ([years = 1]) => aroundNow(0, numberOf(years)),
  'date.recent': ([days = 1]) => aroundNow(-numberOf(days) / DAYS_OF_YEAR, 0),
  'date.soon': ([days = 1]) => aroundNow(0, numberOf(days) / DAYS_OF_YEAR),
  'date.between': ([from, to]) => between(timeOf(from), timeOf(to)),
  'date.month': () => choice(MONTHS),
  'date.weekday': () => choice(WEEKDAYS),
  'internet.ip': () => ipv4(),
  'address.latitude': () => decimal(-90, 90, 4),
  'address.longitude': () => decimal(-180, 180, 4),
  'commerce.price': ([min = 1, max = 1000, decimals = 2]) => decimal(numberOf(min), numberOf(max), numberOf(decimals)),
  'finance.account': ([count = 8]) => digits(countOf(count)),
  'finance.amount': ([min = 0, max = 1000, decimals = 2]) => decimal(numberOf(min), numberOf(max), numberOf(decimals)),
  ...Object.fromEntries(
    IMAGES.map((name) => [
      `image.${name}`,
      ([width = 640, height = 480]: readonly unknown[]) => {
        const category = name.startsWith('image') ? '' : `/${name}`;
        return constant(`https://loremflickr.com/${countOf(width)}/${countOf(height)}${category}`);
      },
    ]),
  ),
};

/** The largest number, or an object with min, max and precision. */
function randomNumber(options: unknown): Field {
  if (typeof options === 'number') return decimal(0, options, 0);
  const { min = 0, max = 99_999, precision = 1 } = options === undefined ? {} : objectOf(options, '{"min":1,"max":9}');
  const decimals = Math.round(-Math.log10(numberOf(precision)));
  if (Math.abs(10 ** -decimals - numberOf(precision)) > 1e-12 || decimals < 0) {
    throw new ArgumentError(`takes a precision of 1, 0.1, 0.01 and so on, not ${String(precision)}`);
  }
  return decimal(numberOf(min), numberOf(max), decimals);
}

function objectElement(object: unknown, field: unknown): Field {
  const entries = Object.entries(objectOf(object, '{"a":1,"b":2}'));
  return choice(entries.map(([name, value]) => (field === 'key' ? name : valueText(value))));
}

function timeNow(format: unknown): Field {
  if (format === undefined) return now(isoText);
  if (typeof format !== 'string') throw new ArgumentError('takes a format such as "YYYY-MM-DD"');
  return now(dateFormat(format));
}

function timeOf(value: unknown): number {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) throw new ArgumentError('takes two dates such as "2026-01-01"');
  return ms;
}

function objectOf(value: unknown, example: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ArgumentError(`takes an object such as ${example}`);
}

function textsOf(values: unknown): string[] {
  if (!Array.isArray(values)) throw new ArgumentError('takes a list of values such as ["a","b"]');
  return values.map(valueText);
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function numbersOf(values: unknown): number[] {
  if (!Array.isArray(values)) throw new ArgumentError('takes a list of weights such as [0.9,0.1]');
  return values.map(numberOf);
}

function numberOf(value: unknown): number {
  const number = typeof value === 'number' ? value : Number.NaN;
  if (!Number.isFinite(number)) throw new ArgumentError(`takes numbers, not ${JSON.stringify(value)}`);
  return number;
}

function countOf(value: unknown): number {
  const count = numberOf(value);
  if (!Number.isInteger(count) || count < 0 || count > 1_000_000) {
    throw new ArgumentError(`takes a whole number up to 1,000,000, not ${count}`);
  }
  return count;
}
