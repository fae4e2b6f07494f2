import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from '../../bytes/ascii.js';
import type { StreamRecord } from '../../core/stream-record.js';

/** A page's records, and its other members as JSON.parse returns them. */
export interface ScannedPage {
  readonly records: readonly StreamRecord[];
  readonly rest: ReadonlyMap<string, unknown>;
}

const EQUALS = 0x3d;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** A longer number is left to JSON.parse. */
const NUMBER_BYTES_MAX = 40;

/** The value of each base64 character; 64 for any other byte. */
const SEXTETS = new Uint8Array(256).fill(64);
for (const [value, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  SEXTETS[character.charCodeAt(0)] = value;
}

/** Thrown inside the scan for a form that it does not read. */
const OTHER_FORM = new Error('another form');

/**
 * Reads a page in the form that services write: no white space, no escapes in the members of a record, each member at
 * most once. Decodes the data of all records into one buffer.
 *
 * @returns undefined if it has another form, which may be a valid page too
 */
export function scanPage(body: Buffer, shardId: string): ScannedPage | undefined {
  try {
    return new PageScan(body, shardId).read();
  } catch (error) {
    if (error === OTHER_FORM) return undefined;
    throw error;
  }
}

type Member = 'SequenceNumber' | 'ApproximateArrivalTimestamp' | 'Data' | 'PartitionKey' | 'EncryptionType';

/** The members of a record, by the first characters of their names, which differ. */
const MEMBERS: readonly (Uint8Array | undefined)[] = membersByFirst();

function membersByFirst(): (Uint8Array | undefined)[] {
  const names: Member[] = ['SequenceNumber', 'ApproximateArrivalTimestamp', 'Data', 'PartitionKey', 'EncryptionType'];
  const table: (Uint8Array | undefined)[] = new Array(128).fill(undefined);
  for (const name of names) table[name.charCodeAt(0)] = Buffer.from(`${name}":`);
  return table;
}

const SEQUENCE_NUMBER = 'S'.charCodeAt(0);
const TIMESTAMP = 'A'.charCodeAt(0);
const DATA = 'D'.charCodeAt(0);
const PARTITION_KEY = 'P'.charCodeAt(0);

class PageScan {
  readonly #body: Buffer;
  readonly #shardId: string;
  /** The data of all records, which takes at most three quarters of their text. */
  readonly #data: Buffer;
  #dataEnd = 0;
  #at = 0;
  /** Where the last timestamp was, and what it meant: neighbouring records often have the same one. */
  #timeAt = 0;
  #timeEnd = 0;
  #timeMs = Number.NaN;

  constructor(body: Buffer, shardId: string) {
    this.#body = body;
    this.#shardId = shardId;
    this.#data = Buffer.allocUnsafeSlow(Math.ceil(body.length / 4) * 3);
  }

  read(): ScannedPage {
    let records: StreamRecord[] | undefined;
    const rest = new Map<string, unknown>();
    this.#take(OPEN_BRACE);
    do {
      const name = this.#text();
      this.#take(COLON);
      if (name === 'Records' ? records !== undefined : rest.has(name)) throw OTHER_FORM;
      if (name === 'Records') records = this.#records();
      else rest.set(name, this.#value());
    } while (this.#more(CLOSE_BRACE));
    if (this.#at !== this.#body.length) throw OTHER_FORM;
    return { records: records ?? [], rest };
  }

  #records(): StreamRecord[] {
    const records: StreamRecord[] = [];
    this.#take(OPEN_BRACKET);
    if (this.#body[this.#at] === CLOSE_BRACKET) {
      this.#at++;
      return records;
    }
    do records.push(this.#record());
    while (this.#more(CLOSE_BRACKET));
    return records;
  }

  #record(): StreamRecord {
    const body = this.#body;
    let sequenceNumber: string | undefined;
    let key: string | undefined;
    let data: Uint8Array | undefined;
    let arrivedAtMs: number | undefined;
    let hasEncryption = false;
    this.#take(OPEN_BRACE);
    do {
      this.#take(QUOTE);
      const first = body[this.#at]!;
      this.#memberName(first);
      if (first === DATA && data === undefined) data = this.#base64();
      else if (first === PARTITION_KEY && key === undefined) key = this.#text();
      else if (first === SEQUENCE_NUMBER && sequenceNumber === undefined) sequenceNumber = this.#text();
      else if (first === TIMESTAMP && arrivedAtMs === undefined) arrivedAtMs = this.#timestamp();
      else if (hasEncryption) throw OTHER_FORM;
      else hasEncryption = this.#text() !== undefined;
    } while (this.#more(CLOSE_BRACE));
    if (sequenceNumber === undefined || key === undefined || data === undefined) throw OTHER_FORM;
    return { shardId: this.#shardId, sequenceNumber, key, data, arrivedAtMs: arrivedAtMs ?? Number.NaN };
  }

  /** Takes the name of a record's member, its quote and its colon. */
  #memberName(first: number): void {
    const name = MEMBERS[first];
    if (name === undefined) throw OTHER_FORM;
    for (let i = 1; i < name.length; i++) if (this.#body[this.#at + i] !== name[i]) throw OTHER_FORM;
    this.#at += name.length;
  }

  #take(byte: number): void {
    if (this.#body[this.#at++] !== byte) throw OTHER_FORM;
  }

  /** Takes a comma or the end of a list or an object, and returns whether it was a comma. */
  #more(close: number): boolean {
    const byte = this.#body[this.#at++];
    if (byte === COMMA) return true;
    if (byte !== close) throw OTHER_FORM;
    return false;
  }

  /** Reads a string without escapes. */
  #text(): string {
    this.#take(QUOTE);
    const body = this.#body;
    const start = this.#at;
    let at = start;
    let isAscii = true;
    for (;;) {
      const byte = body[at];
      if (byte === QUOTE) break;
      if (byte === undefined || byte < 0x20 || byte === BACKSLASH) throw OTHER_FORM;
      if (byte >= 0x80) isAscii = false;
      at++;
    }
    this.#at = at + 1;
    return body.toString(isAscii ? 'latin1' : 'utf8', start, at);
  }

  #base64(): Uint8Array {
    this.#take(QUOTE);
    const body = this.#body;
    const into = this.#data;
    const start = this.#dataEnd;
    let from = this.#at;
    let to = start;
    // A byte that is no character of base64, such as the quote at the end, has a bit that no value has.
    for (const last = body.length - 4; from <= last; from += 4, to += 3) {
      const a = SEXTETS[body[from]!]!;
      const b = SEXTETS[body[from + 1]!]!;
      const c = SEXTETS[body[from + 2]!]!;
      const d = SEXTETS[body[from + 3]!]!;
      if ((a | b | c | d) > 63) break;
      into[to] = (a << 2) | (b >> 4);
      into[to + 1] = (b << 4) | (c >> 2);
      into[to + 2] = (c << 6) | d;
    }
    if (body[from] !== QUOTE) {
      const a = SEXTETS[body[from]!] ?? 64;
      const b = SEXTETS[body[from + 1]!] ?? 64;
      const c = SEXTETS[body[from + 2]!] ?? 64;
      if ((a | b) > 63 || body[from + 3] !== EQUALS) throw OTHER_FORM;
      into[to++] = (a << 2) | (b >> 4);
      if (c <= 63) into[to++] = (b << 4) | (c >> 2);
      else if (body[from + 2] !== EQUALS) throw OTHER_FORM;
      from += 4;
    }
    this.#at = from;
    this.#take(QUOTE);
    this.#dataEnd = to;
    return new Uint8Array(into.buffer, start, to - start);
  }

  /** Reads seconds as milliseconds. */
  #timestamp(): number {
    const body = this.#body;
    const start = this.#at;
    if (this.#repeatsTime(start)) return this.#timeMs;
    let at = start;
    while (at - start < NUMBER_BYTES_MAX && body[at] !== COMMA && body[at] !== CLOSE_BRACE) at++;
    const text = body.toString('latin1', start, at);
    if (!NUMBER.test(text)) throw OTHER_FORM;
    this.#at = at;
    this.#timeAt = start;
    this.#timeEnd = at + 1;
    this.#timeMs = Math.round(Number(text) * 1000);
    return this.#timeMs;
  }

  /** Whether the same timestamp as the last one begins here. Takes it if it does. */
  #repeatsTime(start: number): boolean {
    const length = this.#timeEnd - this.#timeAt;
    if (length === 0) return false;
    for (let i = 0; i < length; i++) if (this.#body[start + i] !== this.#body[this.#timeAt + i]) return false;
    this.#at = start + length - 1;
    return true;
  }

  /** Reads any other value of a page, which is a string, a number or a short list. */
  #value(): unknown {
    const start = this.#at;
    if (this.#body[start] === QUOTE) return this.#text();
    let depth = 0;
    for (; this.#at < this.#body.length; this.#at++) {
      const byte = this.#body[this.#at]!;
      if (byte === QUOTE) {
        this.#text();
        this.#at--;
      } else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) depth++;
      else if (depth === 0 && (byte === COMMA || byte === CLOSE_BRACE)) break;
      else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) depth--;
    }
    try {
      return JSON.parse(this.#body.toString('utf8', start, this.#at));
    } catch {
      throw OTHER_FORM;
    }
  }
}
