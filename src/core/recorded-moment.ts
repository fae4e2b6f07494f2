/** A moment of a recording, in milliseconds: since 1970, or since the recording's first record. */
export interface RecordedMoment {
  readonly ms: number;
  readonly sinceFirst: boolean;
}

/** The part of a recording from one moment on and until before another; undefined: from its beginning, to its end. */
export interface RecordedPart {
  readonly from: RecordedMoment | undefined;
  readonly to: RecordedMoment | undefined;
}
