import { anyShardIdAt, SHARD_DIGITS, SHARD_PREFIX, shardIdAt } from '../shard-ids.js';

/** Behind its opening quote: 'shardId-', twelve digits, and the closing quote. */
export const SHARD_ID_BYTES = SHARD_PREFIX.length + SHARD_DIGITS + 1;

const QUOTE = 0x22;

/** The words at 0, 4, 8, 12 and 15 of what a result begins with. */
const BEGIN = '{"SequenceNumber":"';
const B0 = wordAt(BEGIN, 0);
const B4 = wordAt(BEGIN, 4);
const B8 = wordAt(BEGIN, 8);
const B12 = wordAt(BEGIN, 12);
const B15 = wordAt(BEGIN, 15);

/** The words at 0, 4, 8, 12, 16 and 17 of what stands between its two values. */
const MIDDLE = '","ShardId":"shardId-';
const M0 = wordAt(MIDDLE, 0);
const M4 = wordAt(MIDDLE, 4);
const M8 = wordAt(MIDDLE, 8);
const M12 = wordAt(MIDDLE, 12);
const M16 = wordAt(MIDDLE, 16);
const M17 = wordAt(MIDDLE, 17);

/** From 0x30 to 0x3f there are the digits, and nothing that means anything within a JSON string. */
const HIGH_HALVES = wordAt('\u00f0\u00f0\u00f0\u00f0', 0);
const DIGITS = wordAt('0000', 0);

/**
 * Reads `{"SequenceNumber":"…","ShardId":"shardId-…"`, which is most of most answers, in words of four characters.
 *
 * @returns where it ends; -1 where something else stands, or the number is empty
 */
export function endOfTaken(view: DataView, start: number): number {
  // What is read beyond a sequence number, and one word more.
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

/** The id of a result whose end `endOfTaken` found; undefined if its digits are none. */
export function takenShardId(bytes: Buffer, view: DataView, end: number): string | undefined {
  return shardIdAt(bytes, view, end - 1 - SHARD_DIGITS);
}

/** The id in bytes[start, start + SHARD_ID_BYTES); undefined where none stands. */
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
