import type { Readable } from 'node:stream';
import type { TimestampFormat } from '../bytes/timestamp.js';
import type { FormatName } from '../core/format-names.js';
import type { RecordTraits } from '../core/record.js';
import type { RecordedPart } from '../core/recorded-moment.js';

/** How bytes are written in a text field. */
export type DataEncoding = 'utf8' | 'base64' | 'hex';

/** Whether data holds recorded calls to Kinesis, whose records are sent. `auto` decides by the first rows. */
export type Unwrap = 'auto' | 'kinesis' | 'none';

/** How a recording is played back. */
export interface Pacing {
  readonly speed: number;
  /** Longer silences are shortened to this; undefined: they are kept. */
  readonly gapMaxMs?: number | undefined;
}

export interface InputOptions {
  /** Paths, in the order they are read; '-' is standard input. At least one. */
  readonly files: readonly string[];
  readonly format: FormatName | 'auto';
  /** CSV: a column's name or 1-based number; NDJSON: a path such as '.a.b.0'. kload records bring their own fields. */
  readonly dataField?: string | undefined;
  readonly dataEncoding?: DataEncoding | undefined;
  /** Default: none. */
  readonly unwrap?: Unwrap | undefined;
  readonly timestampField?: string | undefined;
  readonly timestampFormat?: TimestampFormat | undefined;
  /** The zone of times without an offset: an offset or a tz database name; undefined: such times can't be read. */
  readonly timestampZone?: string | undefined;
  readonly partitionKeyField?: string | undefined;
  readonly explicitHashKeyField?: string | undefined;
  /**
   * The field with a Kafka record's headers: JSON that `parseKafkaHeaders` takes, as a string, or in NDJSON as a value.
   */
  readonly headersField?: string | undefined;
  /** false: the first row of a CSV is data, and columns go by number only. */
  readonly header: boolean;
  /** Between the fields of a CSV: one ASCII character; undefined: found from its first line. */
  readonly delimiter?: string | undefined;
  /** true: a missing or unreadable timestamp makes a bad record; false: it is NaN. */
  readonly needsTimestamp: boolean;
  /** What the target's records may carry. */
  readonly traits: RecordTraits;
  /** The part of the recording to read; undefined: all of it. Needs timestamps. */
  readonly part?: RecordedPart | undefined;
  /** Records are put in order within this much recorded time; undefined: they stay as they are. Needs timestamps. */
  readonly reorderWindowMs?: number | undefined;
  /** Given if records are sent at their recorded times. Needs timestamps. */
  readonly pacing?: Pacing | undefined;
  /** Whether to read the input again and again, without end. */
  readonly loop: boolean;
}

/** What tests replace. */
export interface InputSurroundings {
  /** How many bytes are read at once. */
  readonly chunkBytes: number;
  readonly stdin: () => Readable;
}

/** A record (a row or a line, quotes and escapes included) must fit into memory: this many bytes. */
export const RECORD_SOURCE_BYTES_MAX = 16 * 1024 * 1024;

/** How messages call a file. */
export function fileLabel(file: string): string {
  return file === '-' ? 'standard input' : file;
}
