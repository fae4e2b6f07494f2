import type { Readable } from 'node:stream';
import type { RecordTraits } from '../core/record.js';
import type { Recording } from '../core/recording.js';

/** How a recording is played back. */
export interface Pacing {
  readonly speed: number;
  /** Longer silences are shortened to this; undefined: they are kept. */
  readonly gapMaxMs?: number | undefined;
}

export interface InputOptions
  extends Pick<Recording, 'files' | 'format' | 'header' | 'loop'>,
    Partial<Omit<Recording, 'files' | 'format' | 'header' | 'loop'>> {
  /** true: a missing or unreadable timestamp makes a bad record; false: it is NaN. */
  readonly needsTimestamp: boolean;
  /** What the target's records may carry. */
  readonly traits: RecordTraits;
  /** Given if records are sent at their recorded times. Needs timestamps. */
  readonly pacing?: Pacing | undefined;
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
