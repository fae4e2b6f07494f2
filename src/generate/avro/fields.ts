import type { Field } from '../template/field.js';
import type { Writer } from '../writer.js';
import { longBytes, writeLong } from './binary.js';

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Random letters and digits. */
export function text(length: Bounds): Field {
  return withLength(length, (writer, count) => writer.characters(count));
}

export function blob(length: Bounds): Field {
  return withLength(length, randomBytes);
}

function withLength({ min, max }: Bounds, write: (writer: Writer, count: number) => void): Field {
  return {
    write: (writer) => {
      const count = min + writer.random.below(max - min + 1);
      writeLong(writer, count);
      write(writer, count);
    },
    bytesMax: longBytes(max) + max,
  };
}

/** @param item undefined leaves the array empty */
export function itemsOf(item: Field | undefined, { min, max }: Bounds): Field {
  if (item === undefined) return { write: (writer) => writer.byte(0), bytesMax: 1 };
  const { write: writeItem } = item;
  return {
    write: (writer) => {
      const count = min + writer.random.below(max - min + 1);
      if (count > 0) writeLong(writer, count);
      for (let i = 0; i < count; i++) writeItem(writer);
      writer.byte(0);
    },
    bytesMax: longBytes(max) + max * item.bytesMax + 1,
  };
}

export function entriesOf(key: Field, value: Field | undefined, count: Bounds): Field {
  const entry: Field | undefined = value && {
    write: (writer) => {
      key.write(writer);
      value.write(writer);
    },
    bytesMax: key.bytesMax + value.bytesMax,
  };
  return itemsOf(entry, count);
}

export function randomBytes(writer: Writer, count: number): void {
  const { bytes, random } = writer;
  let bits = 0;
  for (let i = 0; i < count; i++) {
    if ((i & 3) === 0) bits = random.bits();
    bytes[writer.at++] = bits & 0xff;
    bits >>>= 8;
  }
}
