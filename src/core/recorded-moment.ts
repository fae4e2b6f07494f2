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
