/** Reads bytes on demand: no one is asked for bytes before they are needed. */
export interface ByteReader {
  /** Whether it is a file, which may be read ahead: its next bytes are already there. */
  readonly isFile: boolean;

  /**
   * Reads at least one and at most `max` bytes to `into[at…]`, and returns how many: 0 at the end.
   * @throws KloadError `input` where reading can't continue
   */
  read(into: Buffer, at: number, max: number): Promise<number>;
  close(): Promise<void>;
}

/** Counts how much of the input was read. */
export class Tally {
  /** Bytes read from files. In compressed files, compressed ones. */
  bytes = 0;
  /** Bytes of text in all blocks yielded so far, and in the last one. */
  #text = 0;
  #textOfBlock = 0;
  /** Bytes of text that were read ahead. */
  #textAhead = 0;

  /** Counts a block, and the text in memory after it. */
  took(textOfBlock: number, textAhead: number): void {
    this.#text += textOfBlock;
    this.#textOfBlock = textOfBlock;
    this.#textAhead = textAhead;
  }

  /** Bytes of the files up to this share of the last block. In compressed files, by their mean ratio so far. */
  bytesUpTo(blockShare: number): number {
    const text = this.#text + this.#textAhead;
    return text === 0 ? 0 : (this.bytes * (this.#text - this.#textOfBlock * (1 - blockShare))) / text;
  }
}
