import { viewOf } from './words.js';

/** A buffer with a DataView of the same bytes, which reads and writes four bytes at once. */
export interface Scratch {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export function scratchOf(bytes: Buffer): Scratch {
  return { bytes, view: viewOf(bytes) };
}
