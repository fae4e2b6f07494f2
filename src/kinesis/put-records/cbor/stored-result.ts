import * as CBOR from '../../../bytes/cbor-items.js';
import { SHARD_DIGITS, SHARD_PREFIX } from '../shard-ids.js';

// V8 folds constants of this module, but loads imported ones each time.
const { BREAK } = CBOR;
const TEXT = CBOR.TEXT << 5;
/** The head of a text of 24 to 255 bytes. Its length follows in one byte. */
const LONG_TEXT = TEXT | 24;

/** A result up to the length of its sequence number, as the words at 0, 4, 8, 12 and 13. */
const BEGIN = Buffer.of(CBOR.MAP_BEGIN, TEXT | 14, ...Buffer.from('SequenceNumber'), LONG_TEXT);
const B0 = BEGIN.readInt32BE(0);
const B4 = BEGIN.readInt32BE(4);
const B8 = BEGIN.readInt32BE(8);
const B12 = BEGIN.readInt32BE(12);
const B13 = BEGIN.readInt32BE(13);

/** The bytes between the sequence number and the digits of the shard's id, as the words at 0, 4, 8, 12 and 13. */
const MIDDLE = Buffer.of(
  ...[TEXT | 7, ...Buffer.from('ShardId')],
  ...[TEXT | (SHARD_PREFIX.length + SHARD_DIGITS), ...Buffer.from(SHARD_PREFIX)],
);
const M0 = MIDDLE.readInt32BE(0);
const M4 = MIDDLE.readInt32BE(4);
const M8 = MIDDLE.readInt32BE(8);
const M12 = MIDDLE.readInt32BE(12);
const M13 = MIDDLE.readInt32BE(13);

/** The size of a result without its sequence number. */
const BESIDE_NUMBER = BEGIN.length + 1 + MIDDLE.length + SHARD_DIGITS + 1;

/**
 * Recognises the result of a stored record as the service writes it: a map of indefinite length with a sequence number
 * and a shard id. Most results look like this.
 *
 * @returns the position after the result, which ends with the shard's digits and one more byte; -1 for anything else
 */
export function endOfStored(view: DataView, start: number): number {
  if (start + BESIDE_NUMBER > view.byteLength) return -1;
  if (view.getInt32(start) !== B0 || view.getInt32(start + 4) !== B4 || view.getInt32(start + 8) !== B8) return -1;
  if (view.getInt32(start + 12) !== B12 || view.getInt32(start + 13) !== B13) return -1;
  const numberBytes = view.getUint8(start + BEGIN.length);
  const end = start + BESIDE_NUMBER + numberBytes;
  if (numberBytes === 0 || end > view.byteLength || view.getUint8(end - 1) !== BREAK) return -1;
  const at = start + BEGIN.length + 1 + numberBytes;
  if (view.getInt32(at) !== M0 || view.getInt32(at + 4) !== M4 || view.getInt32(at + 8) !== M8) return -1;
  return view.getInt32(at + 12) === M12 && view.getInt32(at + 13) === M13 ? end : -1;
}
