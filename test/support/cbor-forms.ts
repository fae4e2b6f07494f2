/** Draws a random integer from 0 up to but excluding `n`. */
export type Draw = (n: number) => number;

/**
 * Encodes a value as CBOR in a random one of its possible forms: with definite or indefinite lengths, with lengths in
 * more bytes than needed, strings in chunks, tags before items. Bytes become byte strings; undefined members are left
 * out.
 */
export function cborInSomeForm(value: unknown, draw: Draw): Buffer {
  const tag = draw(20) === 0 ? Buffer.of(0xd9, 0xd9, 0xf7) : Buffer.alloc(0);
  return Buffer.concat([tag, item(value, draw)]);
}

const BREAK = Buffer.of(0xff);

function item(value: unknown, draw: Draw): Buffer {
  if (value === null) return Buffer.of(0xf6);
  if (typeof value === 'boolean') return Buffer.of(value ? 0xf5 : 0xf4);
  if (typeof value === 'number') return number(value, draw);
  if (typeof value === 'string') return string(3, Buffer.from(value), draw, splitsText);
  if (value instanceof Uint8Array) return string(2, Buffer.from(value), draw, () => true);
  if (Array.isArray(value)) {
    const members = value.map((member) => cborInSomeForm(member, draw));
    return collection(4, members.length, members, draw);
  }
  const entries = Object.entries(value as object).filter(([, member]) => member !== undefined);
  const parts = entries.flatMap(([name, member]) => [cborInSomeForm(name, draw), cborInSomeForm(member, draw)]);
  return collection(5, entries.length, parts, draw);
}

function number(value: number, draw: Draw): Buffer {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    return value < 0 ? head(1, -1 - value, draw) : head(0, value, draw);
  }
  const bytes = Buffer.alloc(9, 0xfb);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function collection(major: number, count: number, parts: readonly Buffer[], draw: Draw): Buffer {
  if (draw(2) === 0) return Buffer.concat([head(major, count, draw), ...parts]);
  return Buffer.concat([Buffer.of((major << 5) | 31), ...parts, BREAK]);
}

function string(major: number, bytes: Buffer, draw: Draw, splits: (bytes: Buffer, at: number) => boolean): Buffer {
  if (draw(8) > 0) return Buffer.concat([head(major, bytes.length, draw), bytes]);
  const pieces: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    let to = from + 1 + draw(bytes.length - from);
    while (!splits(bytes, to)) to++;
    pieces.push(head(major, to - from, draw), bytes.subarray(from, to));
    from = to;
  }
  return Buffer.concat([Buffer.of((major << 5) | 31), ...pieces, BREAK]);
}

/** Whether a text can be split there: each chunk of a text string must be valid UTF-8. */
function splitsText(bytes: Buffer, at: number): boolean {
  return at >= bytes.length || (bytes[at]! & 0xc0) !== 0x80;
}

function head(major: number, argument: number, draw: Draw): Buffer {
  const type = major << 5;
  const least = argument < 24 ? 0 : argument < 0x100 ? 1 : argument < 0x1_0000 ? 2 : argument < 0x1_0000_0000 ? 3 : 4;
  const width = draw(6) === 0 ? least + draw(5 - least) : least;
  if (width === 0) return Buffer.of(type | argument);
  const bytes = Buffer.alloc(1 + 2 ** (width - 1));
  bytes[0] = type | (23 + width);
  let rest = BigInt(argument);
  for (let at = bytes.length - 1; at > 0; at--, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  return bytes;
}
