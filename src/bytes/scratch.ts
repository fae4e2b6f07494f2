/** A buffer with a view of it: the view stores four bytes at once. */
export interface Scratch {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export function scratchOf(bytes: Buffer): Scratch {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}
