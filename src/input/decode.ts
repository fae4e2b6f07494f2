import { KloadError } from '../core/errors.js';
import type { RecordBlock, RecordTraits } from '../core/record.js';
import type { DataEncoding } from '../core/recording.js';
import { type Transform, transformed, unchanged } from './transform.js';

/** Decodes `bytes[from, to)` in place and returns the new end; -1 if the text is not in this encoding. */
type Decode = (bytes: Buffer, from: number, to: number) => number;

const NOT_DECODED = -1;
const PADDING = 0x3d;

/** By character: its six bits, in either alphabet (RFC 4648: base64 and base64url); -1 for any other character. */
const SEXTETS = valuesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
SEXTETS['-'.charCodeAt(0)] = 62;
SEXTETS['_'.charCodeAt(0)] = 63;

const NIBBLES = valuesOf('0123456789abcdef');
for (const letter of 'abcdef') NIBBLES[letter.toUpperCase().charCodeAt(0)] = NIBBLES[letter.charCodeAt(0)]!;

const DECODERS: Readonly<Record<Exclude<DataEncoding, 'utf8'>, Decode>> = { base64: decodeBase64, hex: decodeHex };

/** Decodes the data of each record in place. Data that does not decode makes a bad record. */
export function decodeData(encoding: DataEncoding, traits: RecordTraits): Transform {
  if (encoding === 'utf8') return unchanged;
  const decode = DECODERS[encoding];
  return (source) =>
    transformed(source, {
      async *blocks() {
        for await (const block of source.blocks()) {
          block.keepOnly((at) => {
            rejectSharedBytes(block, at, encoding, traits);
            const end = decode(block.bytes, block.dataStart[at]!, block.dataEnd[at]!);
            block.dataEnd[at] = end;
            return end === NOT_DECODED ? `the data is not ${encoding}` : true;
          });
          yield block;
        }
      },
    });
}

/** A key or attributes inside the data would change along with it. */
function rejectSharedBytes(block: RecordBlock, at: number, encoding: DataEncoding, traits: RecordTraits): void {
  const start = block.dataStart[at]!;
  const end = block.dataEnd[at]!;
  const isKey = block.keyStart[at]! < end && block.keyEnd[at]! > start;
  if (
    !isKey &&
    (block.attributesBytes(at) === 0 || block.attributesStart[at]! >= end || block.attributesEnd[at]! <= start)
  )
    return;
  const [attributes, attributesFlag] =
    traits.attributes === 'headers' ? ['headers are', '--headers-field'] : ['hash key is', '--explicit-hash-key-field'];
  const [what, flag] = isKey ? ['partition key is', '--partition-key-field'] : [attributes, attributesFlag];
  throw new KloadError(
    'usage',
    `${block.file}: the ${what} part of the data, which --data-encoding ${encoding} decodes`,
    `name another ${flag}, or leave it out`,
  );
}

/** Base64 with or without its padding. Any other character, even a line break or a space, makes the data unusable. */
export function decodeBase64(bytes: Buffer, from: number, to: number): number {
  let end = to;
  if ((to - from) % 4 === 0 && to > from && bytes[to - 1] === PADDING) end -= bytes[to - 2] === PADDING ? 2 : 1;
  let out = from;
  let at = from;
  // A character outside of the alphabet is -1, which makes the whole sum negative.
  for (; at + 4 <= end; at += 4) {
    const bits =
      (SEXTETS[bytes[at]!]! << 18) |
      (SEXTETS[bytes[at + 1]!]! << 12) |
      (SEXTETS[bytes[at + 2]!]! << 6) |
      SEXTETS[bytes[at + 3]!]!;
    if (bits < 0) return NOT_DECODED;
    bytes[out] = bits >> 16;
    bytes[out + 1] = bits >> 8;
    bytes[out + 2] = bits;
    out += 3;
  }
  const rest = end - at;
  if (rest === 0) return out;
  if (rest === 1) return NOT_DECODED;
  const third = rest === 3 ? SEXTETS[bytes[at + 2]!]! : 0;
  const bits = (SEXTETS[bytes[at]!]! << 18) | (SEXTETS[bytes[at + 1]!]! << 12) | (third << 6);
  if (bits < 0) return NOT_DECODED;
  bytes[out++] = bits >> 16;
  if (rest === 3) bytes[out++] = bits >> 8;
  return out;
}

function decodeHex(bytes: Buffer, from: number, to: number): number {
  if ((to - from) % 2 !== 0) return NOT_DECODED;
  let out = from;
  for (let at = from; at < to; at += 2) {
    const byte = (NIBBLES[bytes[at]!]! << 4) | NIBBLES[bytes[at + 1]!]!;
    if (byte < 0) return NOT_DECODED;
    bytes[out++] = byte;
  }
  return out;
}

function valuesOf(alphabet: string): Int8Array {
  const values = new Int8Array(256).fill(-1);
  for (let at = 0; at < alphabet.length; at++) values[alphabet.charCodeAt(at)] = at;
  return values;
}
