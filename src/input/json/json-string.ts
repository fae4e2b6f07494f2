import { BACKSLASH } from '../../bytes/ascii.js';

const U = 0x75;
/** By the character after a backslash, the character that is meant. Others stand for themselves. */
const ESCAPED = new Map([...'bfnrt'].map((letter, at) => [letter.charCodeAt(0), '\b\f\n\r\t'.charCodeAt(at)]));

/**
 * Unescapes a valid JSON string in place, and returns its new end. No escape is shorter than its character. Other bytes
 * stay as they are, even if they are not UTF-8. Half a surrogate pair becomes the three bytes that encode it, which are
 * not valid UTF-8. So it stays different from any other half, and is refused where text must be valid.
 */
export function unescapeJson(bytes: Uint8Array, from: number, to: number): number {
  let out = from;
  let at = from;
  while (at < to) {
    const byte = bytes[at]!;
    if (byte !== BACKSLASH) {
      bytes[out++] = byte;
      at++;
    } else if (bytes[at + 1] !== U) {
      const escaped = bytes[at + 1]!;
      bytes[out++] = ESCAPED.get(escaped) ?? escaped;
      at += 2;
    } else {
      const char = characterAt(bytes, at, to);
      out = writeUtf8(bytes, out, char);
      at += char > 0xffff ? 12 : 6;
    }
  }
  return out;
}

/** The character of the one or two \uXXXX at `at`. */
function characterAt(bytes: Uint8Array, at: number, to: number): number {
  const unit = hex4(bytes, at + 2);
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  if (unit > 0xdbff || at + 12 > to || bytes[at + 6] !== BACKSLASH || bytes[at + 7] !== U) return unit;
  const low = hex4(bytes, at + 8);
  if (low < 0xdc00 || low > 0xdfff) return unit;
  return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

function hex4(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let digit = at; digit < at + 4; digit++) {
    const byte = bytes[digit]!;
    // The low four bits of '0' to '9' are their value; those of 'A' and 'a' are 1.
    value = value * 16 + (byte & 0xf) + (byte > 0x40 ? 9 : 0);
  }
  return value;
}

function writeUtf8(bytes: Uint8Array, at: number, char: number): number {
  let out = at;
  if (char < 0x80) {
    bytes[out++] = char;
    return out;
  }
  if (char < 0x800) {
    bytes[out++] = 0xc0 | (char >> 6);
  } else {
    if (char < 0x10000) {
      bytes[out++] = 0xe0 | (char >> 12);
    } else {
      bytes[out++] = 0xf0 | (char >> 18);
      bytes[out++] = 0x80 | ((char >> 12) & 0x3f);
    }
    bytes[out++] = 0x80 | ((char >> 6) & 0x3f);
  }
  bytes[out++] = 0x80 | (char & 0x3f);
  return out;
}
