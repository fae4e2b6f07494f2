import type { TimestampFormat } from '../bytes/timestamp.js';
import type { FormatName } from './format-names.js';

/** A moment of a recording, in milliseconds: since 1970, or since the recording's first record. */
export interface RecordedMoment {
  readonly ms: number;
  readonly sinceFirst: boolean;
}

/**
 * A part of a recording: from one moment, inclusive, to another, exclusive. undefined: from its start, or to its end.
 */
export interface RecordedPart {
  readonly from: RecordedMoment | undefined;
  readonly to: RecordedMoment | undefined;
}

/** How bytes are written in a text field. */
export type DataEncoding = 'utf8' | 'base64' | 'hex';

/** Whether data holds recorded calls to Kinesis, whose records are sent. `auto` decides by the first rows. */
export type Unwrap = 'auto' | 'kinesis' | 'none';

/** The files of a recording, and how they are read. */
export interface Recording {
  /** Paths, in the order they are read; '-' is standard input. At least one. */
  readonly files: readonly string[];
  readonly format: FormatName | 'auto';
  /** CSV: a column's name or 1-based number; NDJSON: a path such as '.a.b.0'. kload records bring their own fields. */
  readonly dataField: string | undefined;
  readonly dataEncoding: DataEncoding;
  readonly unwrap: Unwrap;
  readonly timestampField: string | undefined;
  readonly timestampFormat: TimestampFormat;
  /** The zone of times without an offset: an offset or a tz database name; undefined: such times can't be read. */
  readonly timestampZone: string | undefined;
  readonly partitionKeyField: string | undefined;
  readonly explicitHashKeyField: string | undefined;
  /**
   * The field with a Kafka record's headers: JSON that `parseKafkaHeaders` takes, as a string, or in NDJSON as a value.
   */
  readonly headersField: string | undefined;
  /** false: the first row of a CSV is data, and columns go by number only. */
  readonly header: boolean;
  /** Between the fields of a CSV: one ASCII character; undefined: found from its first line. */
  readonly delimiter: string | undefined;
  /** The part to read; undefined: all of it. Needs timestamps. */
  readonly part: RecordedPart | undefined;
  /** Records are put in order within this much recorded time; undefined: they stay as they are. Needs timestamps. */
  readonly reorderWindowMs: number | undefined;
  /** Whether to read the files again and again, without end. */
  readonly loop: boolean;
}
