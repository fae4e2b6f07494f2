import type { Readable } from 'node:stream';
import type { TimestampFormat } from '../bytes/timestamp.js';
import type { RecordedPart } from '../core/recorded-moment.js';
import type { Unwrap } from './captures/unwrapper.js';
import type { DataEncoding } from './data-encoding.js';
import type { Pacing } from './order/paced-blocks.js';

export type InputFormat = 'csv' | 'ndjson' | 'json' | 'lines' | 'kload';

export interface InputOptions {
  /** Paths, in the order they are read; '-' is standard input. At least one. */
  readonly files: readonly string[];
  readonly format: InputFormat | 'auto';
  /** CSV: a column's name or 1-based number; NDJSON: a path such as '.a.b.0'. kload records bring their own fields. */
  readonly dataField?: string | undefined;
  readonly dataEncoding?: DataEncoding | undefined;
  /** Left out: none. */
  readonly unwrap?: Unwrap | undefined;
  readonly timestampField?: string | undefined;
  readonly timestampFormat?: TimestampFormat | undefined;
  /** Of times without an offset: an offset or a name of the tz database; undefined: such times can't be read. */
  readonly timestampZone?: string | undefined;
  readonly partitionKeyField?: string | undefined;
  readonly explicitHashKeyField?: string | undefined;
  /** Where the headers of a record for Kafka are, as JSON that `parseKafkaHeaders` takes: in a text, or as it stands in NDJSON. */
  readonly headersField?: string | undefined;
  /** false: the first row of a CSV is data, and columns go by number only. */
  readonly header: boolean;
  /** What is between the fields of a CSV: one ASCII character; left out: found from its first line. */
  readonly delimiter?: string | undefined;
  /** true: a missing or unreadable timestamp makes a bad record; false: it is NaN. */
  readonly needsTimestamp: boolean;
  /** Records go to Kafka: keys are any bytes, headers and missing values are kept, and explicit hash keys mean nothing. */
  readonly forKafka?: boolean | undefined;
  /** The part of the recording to read; undefined: all of it. Needs timestamps. */
  readonly part?: RecordedPart | undefined;
  /** Within so many milliseconds of recorded time, records are put in order; undefined: they stay as they are. Needs timestamps. */
  readonly reorderWindowMs?: number | undefined;
  /** Records are sent at their recorded moments; undefined: by another schedule. Needs timestamps. */
  readonly pacing?: Pacing | undefined;
  /** Begin again at the end, for ever. */
  readonly loop: boolean;
}

/** What the reader takes from its surroundings. */
export interface InputSurroundings {
  /** How much is read at once, in bytes. */
  readonly chunkBytes: number;
  readonly stdin: () => Readable;
}

/** A record (a row or a line, quotes and escapes included) must fit into memory: this many bytes. */
export const RECORD_SOURCE_BYTES_MAX = 16 * 1024 * 1024;

/** How messages call a file. */
export function fileLabel(file: string): string {
  return file === '-' ? 'standard input' : file;
}
