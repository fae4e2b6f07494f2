import type { Field } from '../template/field.js';
import type { Writer } from '../writer.js';
import { INT_BYTES_MAX, LONG_BYTES_MAX, longBytes, writeDouble, writeFloat, writeLong } from './binary.js';
import { type Bounds, blob, entriesOf, itemsOf, text } from './fields.js';
import { GivenValues, ValueError } from './given-value.js';
import { regexText } from './regex.js';
import { type ArgProperties, type AvroType, SchemaError } from './schema.js';

/** `arg.properties` of the Avro Random Generator: which values a type gets. */

type Json = Readonly<Record<string, unknown>>;
type Make = (value: unknown, type: AvroType, where: string, arg: ArgProperties, inner: Inner) => Field;
/** Makes the field of an array's items or a map's values. */
type Inner = (type: AvroType, path: string) => Field | undefined;

const NUMBERS = ['int', 'long', 'float', 'double'];
/** Without a maximum of its own. */
const LENGTH_MAX = { min: 8, max: 16 };

/** What each property needs, the first that is there being used. */
const PROPERTIES: Readonly<Record<string, readonly [kinds: readonly string[] | undefined, make: Make]>> = {
  options: [undefined, options],
  iteration: [[...NUMBERS, 'boolean'], iteration],
  range: [NUMBERS, range],
  odds: [['boolean'], odds],
  regex: [['string'], regex],
  keys: [['map'], collection],
  length: [['string', 'bytes', 'array', 'map'], collection],
};

/** undefined: the type's own values. @throws SchemaError */
export function argField(type: AvroType, arg: ArgProperties, path: string, inner: Inner): Field | undefined {
  const at = (name: string) => `${path === '' ? 'the record' : path.replace(/^\./, '')}: arg.properties: ${name}`;
  for (const name of Object.keys(arg)) {
    const known = Object.hasOwn(PROPERTIES, name) ? PROPERTIES[name] : undefined;
    if (known === undefined) {
      const hint = `kload knows ${Object.keys(PROPERTIES).join(', ')}`;
      throw new SchemaError(`${at(name)} is not supported`, { hint });
    }
    if (known[0]?.includes(type.kind) === false) throw new SchemaError(`${at(name)} is not for a ${type.kind}`);
  }
  const name = Object.keys(PROPERTIES).find((property) => Object.hasOwn(arg, property));
  return name === undefined ? undefined : PROPERTIES[name]![1](arg[name], type, at(name), arg, inner);
}

function options(value: unknown, type: AvroType, where: string): Field {
  if (!Array.isArray(value) || value.length === 0) throw new SchemaError(`${where} takes a list of values`);
  const values = new GivenValues(type);
  try {
    return oneOf(value.map((option) => Buffer.from(values.encode(option))));
  } catch (error) {
    if (error instanceof ValueError) throw new SchemaError(`${where}: ${error.message}`);
    throw error;
  }
}

function oneOf(choices: readonly Buffer[]): Field {
  return {
    write: (writer) => writer.text(choices[writer.random.below(choices.length)]!),
    bytesMax: Math.max(...choices.map(({ length }) => length)),
  };
}

/** The value follows from the number of the record: it counts from `start` to `restart`, which it never reaches. */
function iteration(value: unknown, type: AvroType, where: string): Field {
  const { start, restart, initial = start, step } = objectOf(value, where);
  if (type.kind === 'boolean') {
    if (typeof start !== 'boolean') throw new SchemaError(`${where} needs "start": true or false`);
    return { write: (writer) => writer.byte((writer.ordinal % 2 === 0) === start ? 1 : 0), bytesMax: 1 };
  }
  const first = numberOf(start, `${where}: start`);
  const by = step === undefined ? (Number(restart ?? Infinity) < first ? -1 : 1) : numberOf(step, `${where}: step`);
  const limits = limitsOf(type.kind);
  const end = restart === undefined ? (by < 0 ? limits.min : limits.max) : numberOf(restart, `${where}: restart`);
  const length = Math.abs(end - first);
  if (length === 0 || by === 0 || end > first !== by > 0) {
    throw new SchemaError(`${where} never comes from ${first} to ${end} in steps of ${by}`);
  }
  const offset = Math.abs(numberOf(initial, `${where}: initial`) - first);
  const sign = Math.sign(by);
  return numberField(type, where, [first, end, by, offset], ({ ordinal }) => {
    return first + sign * ((offset + ordinal * Math.abs(by)) % length);
  });
}

function range(value: unknown, type: AvroType, where: string): Field {
  const limits = limitsOf(type.kind);
  const { min = limits.min, max = limits.max } = objectOf(value, where);
  const [low, high] = [numberOf(min, `${where}: min`), numberOf(max, `${where}: max`)];
  if (high <= low) throw new SchemaError(`${where} has no number from ${low} to below ${high}`);
  if (type.kind === 'float' || type.kind === 'double') {
    return numberField(type, where, [], ({ random }) => low + random.float() * (high - low));
  }
  return numberField(type, where, [low, high], ({ random }) => low + random.below(high - low));
}

/** @param whole numbers that must be whole if the type's are */
function numberField(type: AvroType, where: string, whole: readonly number[], draw: (writer: Writer) => number): Field {
  if (type.kind === 'float') return { write: (writer) => writeFloat(writer, draw(writer)), bytesMax: 4 };
  if (type.kind === 'double') return { write: (writer) => writeDouble(writer, draw(writer)), bytesMax: 8 };
  const { min, max } = limitsOf(type.kind);
  if (!whole.every((number) => Number.isInteger(number) && number >= min && number <= max)) {
    throw new SchemaError(`${where} takes whole numbers from ${min} to ${max}`);
  }
  const bytesMax = type.kind === 'int' ? INT_BYTES_MAX : LONG_BYTES_MAX;
  return { write: (writer) => writeLong(writer, draw(writer)), bytesMax };
}

/** The end of a range does not belong to it. */
function limitsOf(kind: string): Bounds {
  if (kind === 'int') return { min: -(2 ** 31), max: 2 ** 31 - 1 };
  if (kind === 'long') return { min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
  return { min: 0, max: Number.MAX_SAFE_INTEGER };
}

function odds(value: unknown, _type: AvroType, where: string): Field {
  const share = numberOf(value, where);
  return { write: (writer) => writer.byte(writer.random.float() < share ? 1 : 0), bytesMax: 1 };
}

function regex(value: unknown, _type: AvroType, where: string): Field {
  if (typeof value !== 'string') throw new SchemaError(`${where} takes a text`);
  try {
    const { make, lengthMax } = regexText(value);
    const bytesMax = 3 * lengthMax;
    return {
      write: (writer) => {
        const bytes = Buffer.from(make(writer.random));
        writeLong(writer, bytes.length);
        writer.text(bytes);
      },
      bytesMax: longBytes(bytesMax) + bytesMax,
    };
  } catch (error) {
    if (error instanceof SyntaxError) throw new SchemaError(`${where}: ${error.message}`);
    throw error;
  }
}

function collection(_value: unknown, type: AvroType, where: string, arg: ArgProperties, inner: Inner): Field {
  const path = where.slice(0, where.indexOf(':'));
  const { length: given, keys } = arg as { readonly length?: unknown; readonly keys?: ArgProperties };
  const length = lengthOf(given, `${path}: arg.properties: length`);
  if (type.kind === 'array') return itemsOf(inner(type.items, `${path}[]`), length);
  if (type.kind === 'bytes') return blob(length);
  if (type.kind !== 'map') return text(length);
  const key = keys && inner({ kind: 'string', arg: keys }, `${path}: keys`);
  return entriesOf(key ?? text(LENGTH_MAX), inner(type.values, `${path}{}`), length);
}

/** One number, or bounds: the upper one is not reached. */
function lengthOf(value: unknown, where: string): Bounds {
  if (value === undefined) return LENGTH_MAX;
  if (typeof value === 'number') return { min: countOf(value, where), max: value };
  const { min = 0, max } = objectOf(value, where);
  const low = countOf(min, where);
  const high = max === undefined ? low + LENGTH_MAX.max : countOf(max, where) - 1;
  if (high < low) throw new SchemaError(`${where} has no length from ${low} to below ${high + 1}`);
  return { min: low, max: high };
}

function countOf(value: unknown, where: string): number {
  const count = numberOf(value, where);
  if (Number.isInteger(count) && count >= 0 && count <= 1_000_000) return count;
  throw new SchemaError(`${where} takes whole numbers up to 1,000,000, not ${count}`);
}

function objectOf(value: unknown, where: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new SchemaError(`${where} takes an object`);
}

function numberOf(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new SchemaError(`${where} takes a number, not ${JSON.stringify(value)}`);
}
