import { copyBytes } from '../../bytes/copy.js';

/** Bytes with a DataView, which reads and writes four at once: three times as fast as one by one. */
export interface Bytes {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export function bytesOf(bytes: Buffer): Bytes {
  return { bytes, view: viewOf(bytes) };
}

export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** True if `source` has `prefix` at `at`. @param prefix four bytes or more */
export function startsWith(source: Bytes, at: number, prefix: Bytes): boolean {
  const last = prefix.bytes.length - 4;
  if (at + last + 4 > source.bytes.length) return false;
  const { view } = source;
  for (let i = 0; i < last; i += 4) if (view.getUint32(at + i, true) !== prefix.view.getUint32(i, true)) return false;
  return view.getUint32(at + last, true) === prefix.view.getUint32(last, true);
}

/** Writes all of `source` to `target` at `at`; returns the position after it. */
export function writeBytes(source: Bytes, target: Bytes, at: number): number {
  return copyBytes(source, 0, source.bytes.length, target, at);
}
