import { anyShardIdAt, SHARD_DIGITS, SHARD_PREFIX, shardIdAt } from '../shard-ids.js';

/** The size of a shard id after its opening quote: 'shardId-', twelve digits, and the closing quote. */
export const SHARD_ID_BYTES = SHARD_PREFIX.length + SHARD_DIGITS + 1;

const QUOTE = 0x22;

/** The beginning of a result, as the words at 0, 4, 8, 12 and 15. */
const BEGIN = '{"SequenceNumber":"';
const B0 = wordAt(BEGIN, 0);
const B4 = wordAt(BEGIN, 4);
const B8 = wordAt(BEGIN, 8);
const B12 = wordAt(BEGIN, 12);
const B15 = wordAt(BEGIN, 15);

/** The characters between a result's two values, as the words at 0, 4, 8, 12, 16 and 17. */
const MIDDLE = '","ShardId":"shardId-';
const M0 = wordAt(MIDDLE, 0);
const M4 = wordAt(MIDDLE, 4);
const M8 = wordAt(MIDDLE, 8);
const M12 = wordAt(MIDDLE, 12);
const M16 = wordAt(MIDDLE, 16);
const M17 = wordAt(MIDDLE, 17);

/** The characters from 0x30 to 0x3f are the digits and six others, none of them special in a JSON string. */
const HIGH_HALVES = wordAt('\u00f0\u00f0\u00f0\u00f0', 0);
const DIGITS = wordAt('0000', 0);

/**
 * Recognises `{"SequenceNumber":"…","ShardId":"shardId-…"`, the result of a stored record, in words of four characters.
 * Most results look like this.
 *
 * @returns the position after it; -1 for anything else, and for an empty sequence number
 */
export function endOfStored(view: DataView, start: number): number {
  // The last position at which the sequence number may end, so that the rest and one more word fit after it.
  const last = view.byteLength - MIDDLE.length - SHARD_DIGITS - 5;
  let at = start + BEGIN.length;
  if (at > last) return -1;
  if (view.getInt32(start) !== B0 || view.getInt32(start + 4) !== B4 || view.getInt32(start + 8) !== B8) return -1;
  if (view.getInt32(start + 12) !== B12 || view.getInt32(start + 15) !== B15) return -1;
  while (at <= last && (view.getInt32(at) & HIGH_HALVES) === DIGITS) at += 4;
  while (at <= last && view.getUint8(at) >> 4 === 3) at++;
  if (at > last || at === start + BEGIN.length) return -1;
  if (view.getInt32(at) !== M0 || view.getInt32(at + 4) !== M4 || view.getInt32(at + 8) !== M8) return -1;
  if (view.getInt32(at + 12) !== M12 || view.getInt32(at + 16) !== M16 || view.getInt32(at + 17) !== M17) return -1;
  const end = at + MIDDLE.length + SHARD_DIGITS + 1;
  return view.getUint8(end - 1) === QUOTE ? end : -1;
}

/** Returns the shard id of a result that ends at `end`, as `endOfStored` found; undefined for other characters. */
export function storedShardId(bytes: Buffer, view: DataView, end: number): string | undefined {
  return shardIdAt(bytes, view, end - 1 - SHARD_DIGITS);
}

/** Returns the shard id in bytes[start, start + SHARD_ID_BYTES); undefined if there is something else. */
export function quotedShardIdAt(bytes: Buffer, start: number): string | undefined {
  for (let at = 0; at < SHARD_PREFIX.length; at++) {
    if (bytes[start + at] !== SHARD_PREFIX.charCodeAt(at)) return undefined;
  }
  if (bytes[start + SHARD_ID_BYTES - 1] !== QUOTE) return undefined;
  return anyShardIdAt(bytes, start + SHARD_PREFIX.length);
}

function wordAt(text: string, at: number): number {
  return Buffer.from(text, 'latin1').readInt32BE(at);
}
