/** Bytes, pulled: what someone has yet to write is not asked for before it is needed. */
export interface ByteReader {
  /** Whether it may be read ahead: it is a file, and no one has yet to write what comes next. */
  readonly isFile: boolean;

  /**
   * Reads at least one and at most `max` bytes to `into[at…]` and returns how many: 0 at the end.
   * @throws KloadError `input` where reading can't go on
   */
  read(into: Buffer, at: number, max: number): Promise<number>;
  close(): Promise<void>;
}

/** Counts how far the input was read. */
export class Tally {
  /** Bytes read from files, compressed as they are. */
  bytes = 0;
  /** Bytes of text in records that were yielded, and of these, in the block yielded last. */
  #text = 0;
  #textOfBlock = 0;
  /** Bytes of text that were read ahead. */
  #textAhead = 0;

  /** A block was taken out of the text that is in memory. */
  took(textOfBlock: number, textAhead: number): void {
    this.#text += textOfBlock;
    this.#textOfBlock = textOfBlock;
    this.#textAhead = textAhead;
  }

  /** Bytes of the files up to a place in the block yielded last; where they are compressed, by their mean ratio so far. */
  bytesUpTo(blockShare: number): number {
    const text = this.#text + this.#textAhead;
    return text === 0 ? 0 : (this.bytes * (this.#text - this.#textOfBlock * (1 - blockShare))) / text;
  }
}
