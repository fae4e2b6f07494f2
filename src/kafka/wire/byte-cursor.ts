/** Reads the primitive types of Kafka's protocol one after another. Throws a RangeError past the end of the bytes. */
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

  /** Reads an INT64 that is an offset or a time: both stay far below 2^53, so a double is exact. */
  safeInt64(): number {
    return Number(this.int64());
  }

  take(length: number): Buffer {
    if (length < 0 || length > this.left) throw new RangeError(`${length} bytes expected, ${this.left} left`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** STRING: INT16 length, bytes. */
  text(): string {
    return this.take(this.int16()).toString();
  }

  /** VARINT or VARLONG: seven bits a byte, lowest first, zigzag. Exact up to 2^53. */
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

  /** VARINT length, bytes; null if the length is -1. */
  varBytes(): Buffer | null {
    const length = this.varint();
    return length < 0 ? null : this.take(length);
  }
}
