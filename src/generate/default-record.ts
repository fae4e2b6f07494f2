import { KEY_PREFIX, keyDigits, keyText } from './keys.js';
import type { Writer } from './writer.js';

const ID_DIGITS = 12;
/** Ids of a thousand records differ in these digits alone. */
const LAST_DIGITS = 3;
const END = '"}';

/** The record that is made without a template. `write` is given its size. */
export class DefaultRecord {
  /** The smallest size: that of a record with empty padding. */
  readonly bytesMin: number;
  /** The record that was written last: one native copy then writes the next one, but for its end. */
  #last: Buffer;
  #thousands = 0;
  readonly #keyDigits: number;
  readonly #idAt: number;
  readonly #digitsAt: number;
  /** Writes into `#last`. */
  readonly #digits: Writer;

  constructor(keys: number, digits: Writer) {
    const text = JSON.stringify({ id: '0'.repeat(ID_DIGITS), key: keyText(keys, 0), padding: '' });
    this.bytesMin = text.length;
    this.#last = Buffer.from(text.slice(0, -END.length));
    this.#keyDigits = keyDigits(keys);
    this.#idAt = text.indexOf(':"') + 2;
    this.#digitsAt = text.indexOf(`"${KEY_PREFIX}`) + 1 + KEY_PREFIX.length;
    this.#digits = digits;
    this.#digits.bytes = this.#last;
  }

  write(writer: Writer, size: number): void {
    const paddedEnd = size - END.length;
    if (paddedEnd > this.#last.length) this.#grow(paddedEnd);
    const digits = this.#digits;
    const thousands = Math.floor(writer.ordinal / 1000);
    digits.at = this.#idAt;
    if (thousands !== this.#thousands) digits.digits(thousands, ID_DIGITS - LAST_DIGITS);
    this.#thousands = thousands;
    digits.at = this.#idAt + ID_DIGITS - LAST_DIGITS;
    digits.digits(writer.ordinal - thousands * 1000, LAST_DIGITS);
    digits.at = this.#digitsAt;
    digits.digits(writer.key, this.#keyDigits);
    const { bytes, at } = writer;
    if (paddedEnd === this.#last.length) bytes.set(this.#last, at);
    else this.#last.copy(bytes, at, 0, paddedEnd);
    writer.keyAt = at + this.#digitsAt - KEY_PREFIX.length;
    writer.at = at + paddedEnd;
    writer.byte(0x22);
    writer.byte(0x7d);
  }

  #grow(bytes: number): void {
    const longer = Buffer.alloc(bytes, 'x');
    this.#last.copy(longer);
    this.#last = longer;
    this.#digits.bytes = longer;
  }
}
