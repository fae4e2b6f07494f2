/** Bytes, pulled: nothing is read before it is asked for. */
export interface ByteReader {
  /**
   * Reads at least one and at most `max` bytes to `into[at…]` and returns how many: 0 at the end.
   * @throws KloadError `input` where reading can't go on
   */
  read(into: Buffer, at: number, max: number): Promise<number>;
  close(): Promise<void>;
}

/** Counts the bytes read from files, compressed as they are. */
export interface Tally {
  bytes: number;
}
