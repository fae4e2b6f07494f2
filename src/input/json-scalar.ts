import { DOT, MINUS, PLUS, ZERO } from '../core/ascii.js';

const INVALID = -1;
const E = 0x65;
const WORDS = ['true', 'false', 'null'].map((word) => Buffer.from(word));

/** Where the JSON number ends that begins at `from`; -1 if none does. What follows it is not looked at. */
export function endOfNumber(bytes: Uint8Array, from: number, to: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from;
  let at = endOfDigits(bytes, first, to);
  if (at === first || (bytes[first] === ZERO && at > first + 1)) return INVALID;
  if (at < to && bytes[at] === DOT) {
    const digits = at + 1;
    at = endOfDigits(bytes, digits, to);
    if (at === digits) return INVALID;
  }
  if (at < to && (bytes[at]! | 0x20) === E) {
    const signed = at + 1 < to && (bytes[at + 1] === PLUS || bytes[at + 1] === MINUS);
    const digits = signed ? at + 2 : at + 1;
    at = endOfDigits(bytes, digits, to);
    if (at === digits) return INVALID;
  }
  return at;
}

/** The same for true, false and null. */
export function endOfWord(bytes: Uint8Array, from: number, to: number): number {
  for (const word of WORDS) {
    const end = from + word.length;
    if (end > to || bytes[from] !== word[0]) continue;
    for (let at = 1; at < word.length; at++) {
      if (bytes[from + at] !== word[at]) return INVALID;
    }
    return end;
  }
  return INVALID;
}

function endOfDigits(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! >= ZERO && bytes[at]! <= ZERO + 9) at++;
  return at;
}
