import { inflateSync } from 'node:zlib';
import type { HdrHistogram } from '../core/report.js';
import { lowerEndOf, upperEndOf } from './latency-counts.js';

/**
 * HdrHistogram's encoding V2, in big-endian order:
 *
 *     cookie 0x1c849314 | length | deflated: cookie 0x1c849313 | length of the counts | offset | significant digits
 *                                | lowest value, 8 bytes | highest value, 8 bytes | ratio, 8 bytes | counts
 *
 * Counts are ZigZag varints, from the first bucket up; a negative one is a number of empty buckets.
 */
const DEFLATED_COOKIE = 0x1c849314;
const COOKIE = 0x1c849313;
const HEADER_BYTES = 40;
const DIGITS = 3;
/** A longer one is not a second's: all buckets up to a century have some 50,000 counts. */
const INFLATED_BYTES_MAX = 1024 * 1024;

/** The buckets of a distribution that hold something. */
export interface Buckets {
  /** Ascending; those of `LatencyCounts`. */
  readonly indexes: Int32Array;
  readonly counts: Float64Array;
  /** The sum of all times, in microseconds, as far as the buckets tell. */
  readonly sumUs: number;
}

/**
 * Reads the buckets of an encoded histogram. The library's own decoder takes five times as long, and makes an array of
 * all buckets.
 *
 * @throws Error for a text that is not a histogram as kload writes them
 */
export function bucketsOf(text: HdrHistogram): Buckets {
  const deflated = Buffer.from(text, 'base64');
  if (deflated.length < 8 || deflated.readInt32BE(0) !== DEFLATED_COOKIE) throw new Error('not an HdrHistogram V2');
  const bytes = inflateSync(deflated.subarray(8), { maxOutputLength: INFLATED_BYTES_MAX });
  if (bytes.length < HEADER_BYTES || bytes.readInt32BE(0) !== COOKIE) throw new Error('not an HdrHistogram V2');
  if (bytes.readInt32BE(12) !== DIGITS || bytes.readBigInt64BE(16) !== 1n) {
    throw new Error('it does not count microseconds to three digits');
  }
  const end = Math.min(bytes.length, HEADER_BYTES + bytes.readInt32BE(4));
  const indexes: number[] = [];
  const counts: number[] = [];
  let sumUs = 0;
  let index = 0;
  for (let at = HEADER_BYTES; at < end; ) {
    let value = 0;
    let scale = 1;
    let byte: number;
    do {
      if (at >= end) throw new Error('it is cut short');
      byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte >= 0x80);
    if (value % 2 === 1) {
      index += (value + 1) / 2;
      continue;
    }
    if (value > 0) {
      indexes.push(index);
      counts.push(value / 2);
      sumUs += ((lowerEndOf(index) + upperEndOf(index)) / 2) * (value / 2);
    }
    index++;
  }
  return { indexes: Int32Array.from(indexes), counts: Float64Array.from(counts), sumUs };
}
