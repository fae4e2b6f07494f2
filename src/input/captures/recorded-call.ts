import { grown, rangeEquals } from '../../bytes/arrays.js';
import { OPEN_BRACE, OPEN_BRACKET, QUOTE, SPACE } from '../../bytes/ascii.js';
import { ARRAY, BYTES, CborError, CborItems, MAP, TEXT } from '../../bytes/cbor-items.js';
import { hashKeyDigits } from '../../core/hash-key.js';
import { decodeBase64 } from '../decode.js';
import { JsonScalars } from '../json/json-scalar.js';
import { unescapeJson } from '../json/json-string.js';
import { END, ESCAPES, FIRST, JsonText, NAME_END, NAME_START, NEXT, START, VALUE_ESCAPED } from '../json/json-text.js';
import { hashKeyProblem, keyProblem } from '../partition-key.js';

/** How deep the members of a record lie: body, Records, record, its kinesis, member. */
const MEMBER_DEPTH = 4;

const NO_CALL = 'the data is not a PutRecord, a PutRecords or a response to GetRecords';

/** The members of a body and of its records. */
const RECORDS = Buffer.from('Records');
const DATA = Buffer.from('Data');
const PARTITION_KEY = Buffer.from('PartitionKey');
const PARTS: readonly Buffer[] = [DATA, PARTITION_KEY, Buffer.from('ExplicitHashKey')];
/** The member with the record in an event of Lambda, and the parts there. */
const EVENT = Buffer.from('kinesis');
const EVENT_PARTS: readonly Buffer[] = ['data', 'partitionKey'].map((name) => Buffer.from(name));
/** Members that only bodies of the service have beside their records. */
export const CALL_MARKS = ['StreamName', 'StreamARN', 'StreamId', 'NextShardIterator', 'MillisBehindLatest'];
const MARKS = CALL_MARKS.map((name) => Buffer.from(name));

/** Where the parts of the records in one recorded body lie, by record. Reused for body after body. */
class WireRecords {
  count = 0;
  dataStart = new Int32Array(512);
  dataEnd = new Int32Array(512);
  keyStart = new Int32Array(512);
  keyEnd = new Int32Array(512);
  hashStart = new Int32Array(512);
  /** 0 for a record without an explicit hash key. */
  hashEnd = new Int32Array(512);

  /** Adds a record without parts: a missing data or key begins at -1. */
  begin(): number {
    const at = this.count++;
    if (at === this.dataStart.length) this.#grow();
    this.dataStart[at] = -1;
    this.keyStart[at] = -1;
    this.hashEnd[at] = 0;
    return at;
  }

  #grow(): void {
    this.dataStart = grown(this.dataStart);
    this.dataEnd = grown(this.dataEnd);
    this.keyStart = grown(this.keyStart);
    this.keyEnd = grown(this.keyEnd);
    this.hashStart = grown(this.hashStart);
    this.hashEnd = grown(this.hashEnd);
  }
}

/**
 * The body of a recorded call: a PutRecord or PutRecords request, or a response to GetRecords, as JSON or CBOR, or
 * either in base64. It is decoded in place, which makes it shorter, so each record's data, key and hash key are ranges
 * of the same bytes.
 */
export class RecordedCall {
  readonly records = new WireRecords();
  /** Whether the body read last was a call, usable or not: it has records, and names a stream or the next iterator. */
  recognized = false;
  /** Whether the body read last held only good records, as an entry of a call does, which has no other marks. */
  isEntry = false;
  readonly #scalars = new JsonScalars();
  readonly #json = new JsonText(MEMBER_DEPTH, this.#scalars);
  #hasRecords = false;
  #hasMark = false;

  /** Reads the body in `bytes[from, to)`, whose bytes change. Returns what is wrong with it. */
  read(bytes: Buffer, from: number, to: number): string | undefined {
    this.records.count = 0;
    this.#hasRecords = false;
    this.#hasMark = false;
    const problem = this.#readBody(bytes, from, to) ?? this.#checkAll(bytes);
    this.recognized = this.#hasRecords && this.#hasMark;
    this.isEntry = problem === undefined && this.records.count > 0;
    return problem;
  }

  #checkAll(bytes: Buffer): string | undefined {
    if (!this.#hasRecords) return NO_CALL;
    for (let at = 0; at < this.records.count; at++) {
      const problem = this.#check(bytes, at);
      if (problem !== undefined) return `record ${at + 1} of ${this.records.count} in the call: ${problem}`;
    }
    return undefined;
  }

  #readBody(bytes: Buffer, from: number, to: number): string | undefined {
    let start = from;
    while (start < to && bytes[start]! <= SPACE) start++;
    if (start === to) return NO_CALL;
    if (bytes[start] === OPEN_BRACE) return this.#readJson(bytes, start, to);
    if (bytes[start]! >> 5 === MAP) return this.#readCbor(bytes, start, to);
    const end = decodeBase64(bytes, start, to);
    if (end <= start) return NO_CALL;
    if (bytes[start] === OPEN_BRACE) return this.#readJson(bytes, start, end);
    return bytes[start]! >> 5 === MAP ? this.#readCbor(bytes, start, end) : NO_CALL;
  }

  #readJson(bytes: Buffer, from: number, to: number): string | undefined {
    const json = this.#json;
    this.#scalars.use(bytes);
    if (!json.scan(from, to)) return 'the recorded call is not valid JSON';
    const { nodes } = json;
    for (let node = FIRST; node < nodes[NEXT]!; node = nodes[node + NEXT]!) {
      if (this.#takeEvent(bytes, node, -1)) continue;
      if (!rangeEquals(bytes, nodes[node + NAME_START]!, nodes[node + NAME_END]!, RECORDS)) {
        this.#takeJson(bytes, node, -1);
        continue;
      }
      if (bytes[nodes[node + START]!] !== OPEN_BRACKET) return 'Records is not an array';
      this.#hasRecords = true;
      for (let at = node + FIRST; at < nodes[node + NEXT]!; at = nodes[at + NEXT]!) {
        if (bytes[nodes[at + START]!] !== OPEN_BRACE) return 'one of the Records is not an object';
        const record = this.records.begin();
        for (let member = at + FIRST; member < nodes[at + NEXT]!; member = nodes[member + NEXT]!) {
          if (!this.#takeEvent(bytes, member, record)) this.#takeJson(bytes, member, record);
        }
      }
    }
    return undefined;
  }

  /** Takes the record of an event of Lambda: the member `kinesis` of the body itself (-1), or of a record. */
  #takeEvent(bytes: Buffer, node: number, record: number): boolean {
    const { nodes } = this.#json;
    if (bytes[nodes[node + START]!] !== OPEN_BRACE) return false;
    if (!rangeEquals(bytes, nodes[node + NAME_START]!, nodes[node + NAME_END]!, EVENT)) return false;
    for (let member = node + FIRST; member < nodes[node + NEXT]!; member = nodes[member + NEXT]!) {
      this.#takeJson(bytes, member, record, EVENT_PARTS);
    }
    return true;
  }

  /** Takes a member of the body itself (-1), or of a record. Members that are not strings are ignored. */
  #takeJson(bytes: Buffer, node: number, record: number, names: readonly Buffer[] = PARTS): void {
    const { nodes } = this.#json;
    const [nameStart, nameEnd] = [nodes[node + NAME_START]!, nodes[node + NAME_END]!];
    const part = this.#partOf(bytes, nameStart, nameEnd, record, names);
    if (part === undefined || bytes[nodes[node + START]!] !== QUOTE) return;
    const start = nodes[node + START]! + 1;
    const escaped = (nodes[node + ESCAPES]! & VALUE_ESCAPED) !== 0;
    const end = escaped ? unescapeJson(bytes, start, nodes[node + END]! - 1) : nodes[node + END]! - 1;
    if (part === DATA) this.#setData(record, start, decodeBase64(bytes, start, end));
    else this.#set(part, record, start, end);
  }

  #readCbor(bytes: Buffer, from: number, to: number): string | undefined {
    const items = new CborItems(bytes, from, to);
    try {
      this.#readCborMap(items, bytes, -1);
      return items.ended ? undefined : 'the recorded call is not valid CBOR';
    } catch (error) {
      if (error instanceof CborError) return 'the recorded call is not valid CBOR';
      throw error;
    }
  }

  /** Reads the body itself (-1), or a record. */
  #readCborMap(items: CborItems, bytes: Buffer, record: number): void {
    const length = items.enter(MAP);
    for (let read = 0; items.more(length, read); read++) {
      items.string(TEXT);
      const part = this.#partOf(bytes, items.start, items.end, record);
      if (record < 0 && rangeEquals(bytes, items.start, items.end, RECORDS)) {
        this.#hasRecords = true;
        const records = items.enter(ARRAY);
        for (let at = 0; items.more(records, at); at++) this.#readCborMap(items, bytes, this.records.begin());
      } else if (part === undefined || items.isNull()) items.skip();
      else {
        items.string(part === DATA ? BYTES : TEXT);
        if (part === DATA) this.#setData(record, items.start, items.end);
        else this.#set(part, record, items.start, items.end);
      }
    }
  }

  /** The part of a record with this name; undefined for any other name. */
  #partOf(bytes: Buffer, start: number, end: number, record: number, names = PARTS): Buffer | undefined {
    if (record < 0 && MARKS.some((mark) => rangeEquals(bytes, start, end, mark))) this.#hasMark = true;
    return PARTS[names.findIndex((name) => rangeEquals(bytes, start, end, name))];
  }

  #setData(record: number, start: number, end: number): void {
    const at = record < 0 ? this.#own() : record;
    this.records.dataStart[at] = start;
    this.records.dataEnd[at] = end;
  }

  #set(part: Buffer, record: number, start: number, end: number): void {
    const { records } = this;
    const at = record < 0 ? this.#own() : record;
    if (part === PARTITION_KEY) {
      records.keyStart[at] = start;
      records.keyEnd[at] = end;
    } else {
      records.hashStart[at] = start;
      records.hashEnd[at] = end;
    }
  }

  /** The record that is the body itself: that of a PutRecord. */
  #own(): number {
    this.#hasRecords = true;
    return this.records.count === 0 ? this.records.begin() : 0;
  }

  /** What is wrong with a record; undefined for a good one. */
  #check(bytes: Buffer, at: number): string | undefined {
    const { dataStart, dataEnd, keyStart, keyEnd, hashStart, hashEnd } = this.records;
    if (dataStart[at]! < 0) return 'it has no Data';
    if (dataEnd[at]! < 0) return 'its Data is not base64';
    if (keyStart[at]! < 0) return 'it has no PartitionKey';
    const problem = keyProblem(bytes, keyStart[at]!, keyEnd[at]!);
    if (problem !== undefined) return `its PartitionKey ${problem}`;
    if (hashEnd[at] === 0) return undefined;
    const digits = hashKeyDigits(bytes, hashStart[at]!, hashEnd[at]!);
    if (digits < 0) return hashKeyProblem(bytes.toString('utf8', hashStart[at]!, hashEnd[at]!), 'in it');
    hashStart[at] = digits;
    return undefined;
  }
}
