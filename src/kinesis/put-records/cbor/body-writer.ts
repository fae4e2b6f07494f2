import * as CBOR from '../../../bytes/cbor-items.js';
import { copyAscii, copyBytes } from '../../../bytes/copy.js';
import { type Scratch, scratchOf } from '../../../bytes/scratch.js';
import { HASH_KEY_DIGITS_MAX } from '../../../core/hash-key.js';
import type { OutgoingRecord } from '../../../target/target.js';
import type { StreamAddress } from '../../client/client.js';
import type { BodyWriter } from '../body-writer.js';

// V8 folds constants of this module, but loads imported ones each time.
const { BREAK, HEAD_BYTES_MAX, MAP_BEGIN } = CBOR;
/** The first bytes of strings, without their length. */
const DATA = CBOR.BYTES << 5;
const TEXT = CBOR.TEXT << 5;

/** The names before a record's data and key, written as words of four bytes that may overlap. */
const DATA_NAME = Buffer.of(MAP_BEGIN, TEXT | 4, ...Buffer.from('Data'));
const D0 = DATA_NAME.readInt32BE(0);
const D2 = DATA_NAME.readInt32BE(2);
const KEY_NAME = Buffer.of(TEXT | 12, ...Buffer.from('PartitionKey'));
const K0 = KEY_NAME.readInt32BE(0);
const K4 = KEY_NAME.readInt32BE(4);
const K8 = KEY_NAME.readInt32BE(8);
const K9 = KEY_NAME.readInt32BE(9);
const HASH_KEY_NAME = Buffer.of(TEXT | 15, ...Buffer.from('ExplicitHashKey'));

/** A bound on everything in one record besides its data, key and hash key. */
const FRAME_BYTES = DATA_NAME.length + KEY_NAME.length + 2 * HEAD_BYTES_MAX + 1;
const HASH_KEY_BYTES_MAX = HASH_KEY_NAME.length + HEAD_BYTES_MAX + HASH_KEY_DIGITS_MAX;
/** A byte that is not valid UTF-8 becomes U+FFFD, which has three. */
const KEY_GROWTH_MAX = 3;

/**
 * Writes requests as the AWS SDK for Java does, which uses CBOR by default: maps and arrays of indefinite length.
 * Copies data without encoding it. For 500 records of 100 bytes this costs half as much as JSON, and for 500 of 1 kB
 * a third.
 */
export class CborBodyWriter implements BodyWriter {
  readonly #prefix: Buffer;
  #source: Scratch = scratchOf(Buffer.alloc(0));

  constructor(stream: StreamAddress) {
    const address = Object.entries(stream).flatMap(([name, value]) => [textItem(name), textItem(value)]);
    this.#prefix = Buffer.concat([Buffer.of(MAP_BEGIN), ...address, textItem('Records'), Buffer.of(CBOR.ARRAY_BEGIN)]);
  }

  bytesMax(batch: readonly OutgoingRecord[]): number {
    let bytes = this.#prefix.length + 2;
    for (const { dataStart, dataEnd, keyStart, keyEnd, attributesEnd } of batch) {
      bytes += FRAME_BYTES + (dataEnd - dataStart) + (keyEnd - keyStart) * KEY_GROWTH_MAX;
      if (attributesEnd > 0) bytes += HASH_KEY_BYTES_MAX;
    }
    return bytes;
  }

  write(batch: readonly OutgoingRecord[], into: Scratch, at: number): number {
    const { bytes, view } = into;
    bytes.set(this.#prefix, at);
    let to = at + this.#prefix.length;
    for (let index = 0; index < batch.length; index++) {
      const { source, dataStart, dataEnd, keyStart, keyEnd, attributesStart, attributesEnd } = batch[index]!;
      // Records arrive packed in buffers, so most have the same source as the one before.
      if (source !== this.#source.bytes) this.#source = scratchOf(source);
      view.setInt32(to, D0);
      view.setInt32(to + 2, D2);
      to = CBOR.writeHead(DATA, dataEnd - dataStart, view, to + DATA_NAME.length);
      to = copyBytes(this.#source, dataStart, dataEnd, into, to);
      if (attributesEnd > 0) to = writeHashKey(this.#source, attributesStart, attributesEnd, into, to);
      view.setInt32(to, K0);
      view.setInt32(to + 4, K4);
      view.setInt32(to + 8, K8);
      view.setInt32(to + 9, K9);
      to = writeKey(this.#source, keyStart, keyEnd, into, to + KEY_NAME.length);
      bytes[to++] = BREAK;
    }
    bytes[to] = BREAK;
    bytes[to + 1] = BREAK;
    return to + 2;
  }
}

/** Writes the key, with U+FFFD for bytes that are not valid UTF-8. */
function writeKey(source: Scratch, start: number, end: number, into: Scratch, at: number): number {
  const to = copyAscii(source, start, end, into, CBOR.writeHead(TEXT, end - start, into.view, at));
  if (to >= 0) return to;
  const text = source.bytes.toString('utf8', start, end);
  const from = CBOR.writeHead(TEXT, Buffer.byteLength(text), into.view, at);
  return from + into.bytes.write(text, from, 'utf8');
}

function writeHashKey(source: Scratch, start: number, end: number, into: Scratch, at: number): number {
  into.bytes.set(HASH_KEY_NAME, at);
  const to = CBOR.writeHead(TEXT, end - start, into.view, at + HASH_KEY_NAME.length);
  return copyBytes(source, start, end, into, to);
}

function textItem(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(HEAD_BYTES_MAX);
  return Buffer.concat([head.subarray(0, CBOR.writeHead(TEXT, bytes.length, scratchOf(head).view, 0)), bytes]);
}
