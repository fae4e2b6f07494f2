import type { Random } from '../random.js';
import type { Field, Write } from '../template/field.js';
import { argField } from './arg-properties.js';
import {
  decimalBytes,
  decimalDigits,
  INT_BYTES_MAX,
  LONG_BYTES_MAX,
  longBytes,
  writeBigEndian,
  writeDouble,
  writeFloat,
  writeLong,
} from './binary.js';
import { blob, entriesOf, itemsOf, randomBytes, text } from './fields.js';
import { type AvroType, SchemaError } from './schema.js';

/** Random values of each type of a schema, as fields of a record. */

const DAY_MS = 86_400_000;
const LENGTH = { min: 8, max: 16 };
const ITEMS = { min: 0, max: 4 };
/** A number holds fewer digits exactly than some decimals have. */
const DECIMAL_DIGITS_MAX = 15;
const UUID_BYTES = 36;
const NANOS_BYTES_MAX = 10;
/** Record types that are in each other multiply. */
const FIELDS_MAX = 100_000;

/** Makes the field of a schema. @throws SchemaError */
export function randomValue(type: AvroType): Field {
  const field = new RandomValues().field(type, '');
  if (field !== undefined) return field;
  throw new SchemaError('a record contains itself without an end', {
    hint: 'make one of its fields a union with null',
  });
}

class RandomValues {
  /** The record types around the one that is being made. */
  readonly #around = new Set<AvroType>();
  #fields = 0;

  /** undefined: the type contains itself, so that its value would have no end. */
  field(type: AvroType, path: string): Field | undefined {
    if (++this.#fields > FIELDS_MAX) throw new SchemaError(`has more than ${FIELDS_MAX} fields`);
    const { arg } = type;
    const own = arg && argField(type, arg, path, (inner, at) => this.field(inner, at));
    return own ?? this.#ofKind(type, path);
  }

  #ofKind(type: AvroType, path: string): Field | undefined {
    const logical = logicalField(type);
    if (logical !== undefined) return logical;
    switch (type.kind) {
      case 'array':
        return itemsOf(this.field(type.items, `${path}[]`), ITEMS);
      case 'map':
        return entriesOf(text(LENGTH), this.field(type.values, `${path}{}`), ITEMS);
      case 'union':
        return unionOf(type.branches.map((branch) => this.field(branch, path)));
      case 'record':
        return this.#record(type, path);
      case 'enum':
        return {
          write: (writer) => writeLong(writer, writer.random.below(type.symbols.length)),
          bytesMax: longBytes(type.symbols.length),
        };
      case 'fixed':
        return { write: (writer) => randomBytes(writer, type.size), bytesMax: type.size };
      case 'null':
        return { write: () => {}, bytesMax: 0 };
      case 'boolean':
        return { write: (writer) => writer.byte(writer.random.below(2)), bytesMax: 1 };
      case 'int':
        return { write: (writer) => writeLong(writer, writer.random.bits()), bytesMax: INT_BYTES_MAX };
      case 'long':
        return { write: (writer) => writeLong(writer, someLong(writer.random)), bytesMax: LONG_BYTES_MAX };
      case 'float':
        return { write: (writer) => writeFloat(writer, writer.random.float()), bytesMax: 4 };
      case 'double':
        return { write: (writer) => writeDouble(writer, writer.random.float()), bytesMax: 8 };
      case 'bytes':
        return blob(LENGTH);
      case 'string':
        return text(LENGTH);
    }
  }

  #record(type: Extract<AvroType, { kind: 'record' }>, path: string): Field | undefined {
    if (this.#around.has(type)) return undefined;
    this.#around.add(type);
    const fields: Field[] = [];
    for (const { name, type: inner } of type.fields) {
      const field = this.field(inner, `${path}.${name}`);
      if (field === undefined) break;
      fields.push(field);
    }
    this.#around.delete(type);
    if (fields.length < type.fields.length) return undefined;
    const writes = fields.map(({ write }) => write);
    return {
      write: (writer) => {
        for (let i = 0; i < writes.length; i++) writes[i]!(writer);
      },
      bytesMax: fields.reduce((sum, { bytesMax }) => sum + bytesMax, 0),
    };
  }
}

function unionOf(branches: readonly (Field | undefined)[]): Field | undefined {
  const indexes = [...branches.keys()].filter((index) => branches[index] !== undefined);
  if (indexes.length === 0) return undefined;
  return {
    write: (writer) => {
      const index = indexes[writer.random.below(indexes.length)]!;
      writeLong(writer, index);
      branches[index]!.write(writer);
    },
    bytesMax: longBytes(branches.length) + Math.max(...branches.map((branch) => branch?.bytesMax ?? 0)),
  };
}

/** undefined: the type has no logical type, or one that is not for it. Avro ignores those. */
function logicalField(type: AvroType): Field | undefined {
  const { kind, logicalType, precision = 0 } = type;
  if (logicalType === undefined) return undefined;
  if (kind === 'string' && logicalType === 'uuid') {
    return {
      write: (writer) => {
        writeLong(writer, UUID_BYTES);
        writer.uuid();
      },
      bytesMax: 1 + UUID_BYTES,
    };
  }
  if (kind === 'int' || kind === 'long') return timeField(kind, logicalType);
  if (logicalType !== 'decimal' || precision < 1) return undefined;
  if (kind === 'fixed') {
    const digits = Math.min(precision, DECIMAL_DIGITS_MAX, decimalDigits(type.size));
    return { write: decimal(digits, type.size), bytesMax: type.size };
  }
  if (kind !== 'bytes') return undefined;
  const digits = Math.min(precision, DECIMAL_DIGITS_MAX);
  const width = decimalBytes(digits);
  const write = decimal(digits, width);
  return {
    write: (writer) => {
      writeLong(writer, width);
      write(writer);
    },
    bytesMax: 1 + width,
  };
}

/** Decimals from 0. */
function decimal(digits: number, width: number): Write {
  const count = 10 ** digits;
  return (writer) => writeBigEndian(writer, writer.random.below(count), width);
}

/** When the record is due. */
function timeField(kind: 'int' | 'long', logicalType: string): Field | undefined {
  const long = (value: (atMs: number) => number, bytesMax = LONG_BYTES_MAX): Field => ({
    write: (writer) => writeLong(writer, value(writer.atMs)),
    bytesMax,
  });
  switch (`${kind} ${logicalType.replace(/^local-/, '')}`) {
    case 'int date':
      return long((atMs) => Math.floor(atMs / DAY_MS));
    case 'int time-millis':
      return long((atMs) => atMs % DAY_MS);
    case 'long time-micros':
      return long((atMs) => (atMs % DAY_MS) * 1000);
    case 'long timestamp-millis':
      return long((atMs) => atMs);
    case 'long timestamp-micros':
      return long((atMs) => atMs * 1000);
    case 'long timestamp-nanos':
      return long((atMs) => atMs * 1_000_000, NANOS_BYTES_MAX);
    default:
      return undefined;
  }
}

/** Any whole number that JavaScript holds exactly. */
function someLong(random: Random): number {
  const size = random.below(Number.MAX_SAFE_INTEGER);
  return random.below(2) === 0 ? size : -size;
}
