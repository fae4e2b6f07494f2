import { isUtf8 } from 'node:buffer';
import { KINESIS_LIMITS } from '../core/limits.js';

const decoder = new TextDecoder();
const SHOWN_CHARS_MAX = 60;

/** What is wrong with the key in `bytes[from, to)`, to follow the name of its field; undefined for a good one. */
export function keyProblem(bytes: Uint8Array, from: number, to: number): string | undefined {
  if (isShortAscii(bytes, from, to)) return undefined;
  const key = bytes.subarray(from, to);
  return isUtf8(key) ? keyTextProblem(decoder.decode(key)) : 'is not valid UTF-8';
}

export function keyTextProblem(key: string): string | undefined {
  if (key === '') return 'is empty';
  // A character outside of the basic plane has two code units, but counts once.
  const chars = [...key].length;
  const { keyCharsMax } = KINESIS_LIMITS;
  return chars > keyCharsMax ? `has ${chars} characters, the limit is ${keyCharsMax}` : undefined;
}

/** The problem of an unusable hash key, given where it is. */
export function hashKeyProblem(text: string, where: string): string {
  const shown = text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text;
  return `explicit hash key '${shown}' ${where} is not a whole number from 0 to 2^128 - 1, in decimal`;
}

function isShortAscii(bytes: Uint8Array, from: number, to: number): boolean {
  if (to === from || to - from > KINESIS_LIMITS.keyCharsMax) return false;
  let at = from;
  for (; at <= to - 4; at += 4) {
    if ((bytes[at]! | bytes[at + 1]! | bytes[at + 2]! | bytes[at + 3]!) >= 0x80) return false;
  }
  while (at < to && bytes[at]! < 0x80) at++;
  return at === to;
}
