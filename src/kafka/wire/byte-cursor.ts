/** Reads Kafka's numbers and lengths out of bytes, one after the other. Throws a RangeError behind their end. */
export class ByteCursor {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  int8(): number {
    return this.bytes.readInt8(this.at++);
  }

  int16(): number {
    this.at += 2;
    return this.bytes.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.bytes.readInt32BE(this.at - 4);
  }

  int64(): bigint {
    this.at += 8;
    return this.bytes.readBigInt64BE(this.at - 8);
  }

  /** An offset or a time: no log is so long, and no clock so far, that a double would not hold it. */
  safeInt64(): number {
    return Number(this.int64());
  }

  take(length: number): Buffer {
    if (length < 0 || length > this.left) throw new RangeError(`${length} bytes are wanted, ${this.left} are left`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text(): string {
    return this.take(this.int16()).toString();
  }

  /** A number in seven bits a byte, the lowest first, with its sign in the lowest bit; a double holds it. */
  varint(): number {
    let value = 0;
    let unit = 1;
    for (let length = 0; length < 10; length++, unit *= 128) {
      const byte = this.bytes.readUInt8(this.at++);
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new RangeError('a number has more than 64 bits');
  }

  /** Bytes with their length before them; null where that is -1. */
  varBytes(): Buffer | null {
    const length = this.varint();
    return length < 0 ? null : this.take(length);
  }
}
