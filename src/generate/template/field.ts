import type { Writer } from '../writer.js';

/** Writes one field of a record. */
export type Write = (writer: Writer) => void;

/** A compiled field. */
export interface Field {
  readonly write: Write;
  /** The most bytes that it writes. */
  readonly bytesMax: number;
  /** True if it writes a number, which cannot be padded. */
  readonly isNumber?: boolean;
}

/** The arguments of a function are wrong. Continues a sentence that begins with its name. */
export class ArgumentError extends Error {}

/** What fields need to know about the run. */
export interface FieldContext {
  /** Digits of each key's number. */
  readonly keyDigits: number;
}
