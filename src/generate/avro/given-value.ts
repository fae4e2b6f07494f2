import { Writer } from '../writer.js';
import { decimalBytes, LONG_BYTES_MAX, writeBigEndian, writeDouble, writeFloat, writeLong } from './binary.js';
import { type AvroType, branchName } from './schema.js';

/** A value of JSON does not fit its schema. Its message begins with the field's path. */
export class ValueError extends Error {}

/** Bytes that any number needs, with the branch of its union. */
const NUMBER_BYTES_MAX = 2 * LONG_BYTES_MAX;
const DAY_MS = 86_400_000;
const INT_MAX = 2 ** 31 - 1;
const FLOAT_MAX = 3.4028234663852886e38;
/** Of the timestamps that are longs. */
const UNITS_IN_MS: Readonly<Record<string, number>> = { millis: 1, micros: 1000 };

type Json = Readonly<Record<string, unknown>>;

/**
 * Encodes values of JSON by a schema. A value of a union may be as Avro's JSON encoding has it, `{"string":"a"}`, or
 * the value alone: the first branch that takes it is chosen.
 */
export class GivenValues {
  readonly #type: AvroType;
  readonly #writer = new Writer(0);
  /** Where the value is that is being written. */
  #trail: (string | number)[] = [];

  constructor(type: AvroType) {
    this.#type = type;
    this.#writer.bytes = Buffer.alloc(1024);
  }

  /** The value's bytes, valid until the next call. @throws ValueError */
  encode(value: unknown): Buffer {
    this.#trail = [];
    this.#writer.at = 0;
    this.#put(this.#type, value);
    return this.#writer.bytes.subarray(0, this.#writer.at);
  }

  #put(type: AvroType, value: unknown): void {
    this.#need(NUMBER_BYTES_MAX);
    const writer = this.#writer;
    switch (type.kind) {
      case 'null':
        if (value !== null) this.#fail('null', value);
        break;
      case 'boolean':
        if (typeof value !== 'boolean') this.#fail('true or false', value);
        writer.byte(value === true ? 1 : 0);
        break;
      case 'int':
      case 'long':
        writeLong(writer, this.#wholeNumber(type, value));
        break;
      case 'float':
        writeFloat(writer, this.#number(value, FLOAT_MAX));
        break;
      case 'double':
        writeDouble(writer, this.#number(value, Number.MAX_VALUE));
        break;
      case 'string':
        this.#putText(typeof value === 'string' ? value : this.#fail('a string', value));
        break;
      case 'bytes':
        this.#putBytes(this.#bytesOf(type, value));
        break;
      case 'fixed':
        this.#text(this.#fixedOf(type, value));
        break;
      case 'enum':
        writeLong(writer, this.#symbolOf(type.symbols, value));
        break;
      default:
        this.#putNested(type, value);
    }
  }

  #putNested(type: Extract<AvroType, { kind: 'array' | 'map' | 'union' | 'record' }>, value: unknown): void {
    if (type.kind === 'array') this.#putArray(type.items, value);
    else if (type.kind === 'union') this.#putUnion(type.branches, value);
    else if (!isObject(value)) this.#fail('an object', value);
    else if (type.kind === 'map') this.#putMap(type.values, value);
    else this.#putRecord(type, value);
  }

  #number(value: unknown, max: number): number {
    if (typeof value === 'number' && Math.abs(value) <= max) return value;
    return this.#fail('a number in its range', value);
  }

  #symbolOf(symbols: readonly string[], value: unknown): number {
    const index = symbols.indexOf(value as string);
    return index === -1 ? this.#fail(`one of ${symbols.slice(0, 10).join(', ')}`, value) : index;
  }

  #putText(text: string): void {
    const bytes = Buffer.byteLength(text);
    writeLong(this.#writer, bytes);
    this.#need(bytes);
    const writer = this.#writer;
    writer.at += writer.bytes.write(text, writer.at);
  }

  #putBytes(bytes: Buffer): void {
    writeLong(this.#writer, bytes.length);
    this.#text(bytes);
  }

  #text(bytes: Buffer): void {
    this.#need(bytes.length);
    this.#writer.text(bytes);
  }

  #putArray(items: AvroType, value: unknown): void {
    if (!Array.isArray(value)) this.#fail('a list', value);
    if (value.length > 0) writeLong(this.#writer, value.length);
    for (const [index, item] of value.entries()) this.#putAt(index, items, item);
    this.#end();
  }

  #putMap(values: AvroType, value: Json): void {
    const entries = Object.entries(value);
    if (entries.length > 0) writeLong(this.#writer, entries.length);
    for (const [name, item] of entries) {
      this.#need(NUMBER_BYTES_MAX);
      this.#putText(name);
      this.#putAt(name, values, item);
    }
    this.#end();
  }

  #end(): void {
    this.#need(1);
    this.#writer.byte(0);
  }

  #putUnion(branches: readonly AvroType[], value: unknown): void {
    const names = isObject(value) ? Object.keys(value) : [];
    const named = names.length === 1 ? branches.findIndex((branch) => branchName(branch) === names[0]) : -1;
    const index = named === -1 ? branches.findIndex((branch) => takes(branch, value)) : named;
    if (index === -1) this.#fail(`a value of ${branches.map(branchName).join(' or ')}`, value);
    writeLong(this.#writer, index);
    const inner = named === -1 ? value : (value as Json)[names[0]!];
    this.#put(branches[index]!, inner);
  }

  #putRecord({ name, fields }: Extract<AvroType, { kind: 'record' }>, value: Json): void {
    let known = 0;
    for (const field of fields) {
      const isGiven = Object.hasOwn(value, field.name);
      if (isGiven) known++;
      else if (!('default' in field)) {
        this.#trail.push(field.name);
        throw new ValueError(`${this.#path} is missing, and has no default`);
      }
      this.#putAt(field.name, field.type, isGiven ? value[field.name] : field.default);
    }
    if (Object.keys(value).length === known) return;
    const unknown = Object.keys(value).find((key) => !fields.some((field) => field.name === key))!;
    this.#trail.push(unknown);
    throw new ValueError(`${this.#path} is not a field of ${name}`);
  }

  #putAt(place: string | number, type: AvroType, value: unknown): void {
    this.#trail.push(place);
    this.#put(type, value);
    this.#trail.pop();
  }

  #wholeNumber(type: AvroType, value: unknown): number {
    const number = typeof value === 'string' ? timeOf(type, value) : value;
    if (isWhole(type.kind, number)) return number;
    const what = type.kind === 'int' ? 'a whole number of 32 bits' : 'a whole number below 2^53';
    return this.#fail(what, value);
  }

  /** Avro's JSON encoding: a character for each byte. A decimal may be a number. */
  #bytesOf(type: AvroType, value: unknown): Buffer {
    if (type.logicalType === 'decimal' && typeof value === 'number') {
      const unscaled = this.#unscaled(type, value);
      return bigEndian(unscaled, decimalBytes(Math.abs(unscaled).toString().length));
    }
    if (typeof value !== 'string' || !isLatin1(value)) {
      return this.#fail('a string with a character up to U+00FF for each byte', value);
    }
    return Buffer.from(value, 'latin1');
  }

  #fixedOf(type: Extract<AvroType, { kind: 'fixed' }>, value: unknown): Buffer {
    const isDecimal = type.logicalType === 'decimal' && typeof value === 'number';
    if (isDecimal && decimalBytes(Math.abs(this.#unscaled(type, value)).toString().length) > type.size) {
      return this.#fail(`a number of ${type.size} bytes`, value);
    }
    const bytes = isDecimal ? bigEndian(this.#unscaled(type, value), type.size) : this.#bytesOf(type, value);
    if (bytes.length !== type.size) return this.#fail(`${type.size} bytes`, value);
    return bytes;
  }

  /** A decimal in units of its last digit. */
  #unscaled({ precision = 0, scale = 0 }: AvroType, value: number): number {
    const unscaled = Number(`${value}e${scale}`);
    const whole = Math.round(Number.isNaN(unscaled) ? value * 10 ** scale : unscaled);
    if (Number.isSafeInteger(whole) && Math.abs(whole) < 10 ** precision) return whole;
    return this.#fail(`a decimal of ${precision} digits, ${scale} of them after the point`, value);
  }

  /** Makes room for `bytes` more. */
  #need(bytes: number): void {
    const { bytes: old, at } = this.#writer;
    if (at + bytes <= old.length) return;
    const larger = Buffer.alloc(2 * (at + bytes));
    old.copy(larger, 0, 0, at);
    this.#writer.bytes = larger;
  }

  get #path(): string {
    const path = this.#trail.map((place) => (typeof place === 'number' ? `[${place}]` : `.${place}`)).join('');
    return path === '' ? 'the record' : path.replace(/^\./, '');
  }

  #fail(takes: string, value: unknown): never {
    const text = JSON.stringify(value) ?? 'nothing';
    throw new ValueError(`${this.#path} takes ${takes}, not ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`);
  }
}

/** Whether a branch of a union is for a value. What is inside of the value is not compared. */
function takes(type: AvroType, value: unknown): boolean {
  switch (type.kind) {
    case 'null':
      return value === null;
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
    case 'long':
      return isWhole(type.kind, typeof value === 'string' ? timeOf(type, value) : value);
    case 'float':
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'enum':
      return type.symbols.includes(value as string);
    case 'bytes':
      return (typeof value === 'string' && isLatin1(value)) || (type.logicalType === 'decimal' && isNumber(value));
    case 'fixed':
      if (type.logicalType === 'decimal' && isNumber(value)) return true;
      return typeof value === 'string' && isLatin1(value) && value.length === type.size;
    case 'array':
      return Array.isArray(value);
    case 'map':
      return isObject(value);
    case 'record':
      if (!isObject(value)) return false;
      return (
        type.fields.every((field) => 'default' in field || Object.hasOwn(value, field.name)) &&
        Object.keys(value).every((name) => type.fields.some((field) => field.name === name))
      );
    case 'union':
      return false;
  }
}

/** A time as text, in the units of its type; undefined if it cannot be read. */
function timeOf({ kind, logicalType = '' }: AvroType, text: string): number | undefined {
  const unit = /^(?:local-)?timestamp-(millis|micros)$/.exec(logicalType)?.[1];
  const isDate = kind === 'int' && logicalType === 'date';
  if (!isDate && (unit === undefined || kind !== 'long')) return undefined;
  const ms = Date.parse(text);
  return isDate ? Math.floor(ms / DAY_MS) : Math.floor(ms) * UNITS_IN_MS[unit!]!;
}

function isWhole(kind: string, value: unknown): value is number {
  if (!Number.isSafeInteger(value)) return false;
  return kind !== 'int' || ((value as number) <= INT_MAX && (value as number) >= -INT_MAX - 1);
}

function bigEndian(value: number, width: number): Buffer {
  const writer = new Writer(0);
  writer.bytes = Buffer.alloc(width);
  writeBigEndian(writer, value, width);
  return writer.bytes;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

function isLatin1(text: string): boolean {
  return Buffer.from(text, 'latin1').toString('latin1') === text;
}
