import {
  BREAK,
  EIGHT_BYTES,
  FALSE,
  FLOAT_16,
  FLOAT_32,
  FLOAT_64,
  FOUR_BYTES,
  INDEFINITE,
  MAJOR,
  NULL,
  ONE_BYTE,
  TRUE,
  TWO_BYTES,
  UNDEFINED,
} from './cbor-head.js';
import type { JsonObject } from './json.js';
import { type Found, readInteger, serializationError, wrongType } from './serialization-error.js';
import type { ListShape, MapShape, Shape, StructureShape } from './shape.js';

/**
 * Reads a request in `application/x-amz-cbor-1.1` by its shape. The result equals that of the JSON reader for the same
 * request. Skips members that the shape does not name; null counts as absent. Checks lengths against the bytes that are
 * left before it allocates anything, and refuses values that are nested deeper than any request.
 * Throws a SerializationException. Does not check the shape's constraints.
 */
export function readCbor(shape: StructureShape, body: Buffer): JsonObject {
  const reader = new Reader(body);
  const request = reader.value(shape);
  if (request === undefined) throw wrongType('structure', 'boolean');
  reader.end();
  return request as JsonObject;
}

/** Shapes have a few levels only; skipped values may have this many. */
const DEPTH_MAX = 64;

/**
 * The most heads of items, tags and chunks in a body. A PutRecords of 500 records has about 4,000; millions would block
 * the event loop for seconds.
 */
const HEADS_MAX = 65_536;

/** Fractional timestamps count seconds, as in the standard; above this value (the year 5138), milliseconds. */
const SECONDS_MAX = 1e11;

/** An indefinite length. */
const UNKNOWN = -1;

class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  #heads = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw serializationError();
  }

  /** Undefined for null and undefined. */
  value(shape: Shape): unknown {
    const initial = this.#untagged();
    if (initial === NULL || initial === UNDEFINED) {
      this.#at++;
      return undefined;
    }
    const major = initial >> 5;
    switch (shape.kind) {
      case 'string':
        return major === MAJOR.text ? this.#text() : this.#refuse(shape, initial);
      case 'blob':
        return major === MAJOR.bytes ? this.#string(MAJOR.bytes) : this.#refuse(shape, initial);
      case 'boolean':
        return initial === TRUE || initial === FALSE ? this.#byte() === TRUE : this.#refuse(shape, initial);
      case 'integer':
        return isNumber(initial) ? readInteger(this.#number()) : this.#refuse(shape, initial);
      case 'timestamp':
        return isNumber(initial) ? this.#timestamp(major) : this.#refuse(shape, initial);
      case 'list':
        return major === MAJOR.list ? this.#list(shape) : this.#refuse(shape, initial);
      case 'map':
        return major === MAJOR.map ? this.#map(shape) : this.#refuse(shape, initial);
      case 'structure':
        return major === MAJOR.map ? this.#structure(shape) : this.#refuse(shape, initial);
    }
  }

  #structure({ fields }: StructureShape): JsonObject {
    const value: JsonObject = {};
    for (const name of this.#keys()) {
      const field = fields.find((known) => known.name === name);
      if (field === undefined) this.#skip(DEPTH_MAX);
      else value[field.name] = this.value(field.shape);
    }
    return value;
  }

  #map(shape: MapShape): JsonObject {
    const entries: [string, unknown][] = [];
    for (const name of this.#keys()) {
      entries.push([name, this.value(shape.value)]);
    }
    return Object.fromEntries(entries);
  }

  #list({ member }: ListShape): unknown[] {
    const members: unknown[] = [];
    let left = this.#count(MAJOR.list, 1);
    while (this.#hasMore(left)) {
      members.push(this.value(member));
      if (left !== UNKNOWN) left--;
    }
    return members;
  }

  /** The keys of a map. The caller reads each key's value before it takes the next key. */
  *#keys(): Generator<string, void> {
    let left = this.#count(MAJOR.map, 2);
    while (this.#hasMore(left)) {
      if (this.#untagged() >> 5 !== MAJOR.text) throw serializationError();
      yield this.#text();
      if (left !== UNKNOWN) left--;
    }
  }

  /** The number of members that follow. Throws if the body is too short for them. @param bytesMin of each member */
  #count(major: number, bytesMin: number): number {
    const count = this.#argument(major, true);
    if (count !== UNKNOWN && count * bytesMin > this.#bytes.length - this.#at) throw serializationError();
    return count;
  }

  #hasMore(left: number): boolean {
    if (left !== UNKNOWN) return left > 0;
    if (this.#peek() !== BREAK) return true;
    this.#at++;
    return false;
  }

  #text(): string {
    return this.#string(MAJOR.text).toString();
  }

  /** A range of the body, or the joined chunks of a string of indefinite length. */
  #string(major: number): Buffer {
    const length = this.#argument(major, true);
    if (length !== UNKNOWN) return this.#take(length);
    const chunks: Buffer[] = [];
    while (this.#hasMore(UNKNOWN)) {
      this.#countHead();
      chunks.push(this.#take(this.#argument(major, false)));
    }
    return Buffer.concat(chunks);
  }

  #timestamp(major: number): Date {
    const value = this.#number();
    const isWhole = major === MAJOR.unsigned || major === MAJOR.negative;
    const ms = isWhole || Math.abs(value) >= SECONDS_MAX ? value : value * 1000;
    const time = new Date(Math.round(ms));
    if (Number.isNaN(time.getTime()))
      throw serializationError(`'${value}' can not be converted to milliseconds since epoch`);
    return time;
  }

  #number(): number {
    const initial = this.#peek();
    switch (initial) {
      case FLOAT_16:
        return readHalf(this.#take(3).readUInt16BE(1));
      case FLOAT_32:
        return this.#take(5).readFloatBE(1);
      case FLOAT_64:
        return this.#take(9).readDoubleBE(1);
    }
    return initial >> 5 === MAJOR.negative ? -1 - this.#argument(MAJOR.negative, false) : this.#argument(0, false);
  }

  /** Skips a value of any kind. */
  #skip(depthMax: number): void {
    if (depthMax === 0) throw serializationError();
    const initial = this.#untagged();
    const major = initial >> 5;
    if (major === MAJOR.bytes || major === MAJOR.text) this.#string(major);
    else if (major === MAJOR.list || major === MAJOR.map) this.#skipMembers(major, depthMax);
    else if (isNumber(initial)) this.#number();
    else if (initial >= FALSE && initial <= UNDEFINED) this.#at++;
    else throw serializationError();
  }

  #skipMembers(major: number, depthMax: number): void {
    const perMember = major === MAJOR.map ? 2 : 1;
    let left = this.#count(major, perMember);
    while (this.#hasMore(left)) {
      for (let i = 0; i < perMember; i++) this.#skip(depthMax - 1);
      if (left !== UNKNOWN) left--;
    }
  }

  /** The first byte of the next item, after its tags. Tags are ignored: the shape decides the type. */
  #untagged(): number {
    this.#countHead();
    while (this.#peek() >> 5 === MAJOR.tag) {
      this.#countHead();
      this.#argument(MAJOR.tag, false);
    }
    return this.#peek();
  }

  #countHead(): void {
    this.#heads++;
    if (this.#heads > HEADS_MAX) throw serializationError();
  }

  /** Reads a head of this major type and returns its argument; UNKNOWN if it is indefinite and may be. */
  #argument(major: number, mayBeIndefinite: boolean): number {
    const initial = this.#byte();
    if (initial >> 5 !== major) throw serializationError();
    const info = initial & 0x1f;
    if (info < ONE_BYTE) return info;
    switch (info) {
      case ONE_BYTE:
        return this.#byte();
      case TWO_BYTES:
        return this.#take(2).readUInt16BE();
      case FOUR_BYTES:
        return this.#take(4).readUInt32BE();
      case EIGHT_BYTES:
        return Number(this.#take(8).readBigUInt64BE());
    }
    if (info === INDEFINITE && mayBeIndefinite) return UNKNOWN;
    throw serializationError();
  }

  #peek(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw serializationError();
    return byte;
  }

  #byte(): number {
    const byte = this.#peek();
    this.#at++;
    return byte;
  }

  #take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw serializationError();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #refuse({ kind }: Shape, initial: number): never {
    const major = initial >> 5;
    const text = major === MAJOR.text && kind === 'boolean' ? this.#text() : '';
    if (major === MAJOR.simple && !isNumber(initial) && initial !== TRUE && initial !== FALSE) {
      throw serializationError();
    }
    throw wrongType(kind, FOUND[major] ?? (isNumber(initial) ? 'number' : 'boolean'), text);
  }
}

const FOUND: readonly (Found | undefined)[] = ['number', 'number', 'blob', 'string', 'list', 'map'];

function isNumber(initial: number): boolean {
  return initial >> 5 <= MAJOR.negative || (initial >= FLOAT_16 && initial <= FLOAT_64);
}

/** @param bits a 16-bit float: one bit for the sign, five for the exponent, ten for the fraction */
function readHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
