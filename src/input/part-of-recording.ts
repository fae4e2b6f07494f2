import { KloadError } from '../core/errors.js';
import type { RecordBlock } from '../core/record.js';
import type { RecordedMoment, RecordedPart } from '../core/recorded-moment.js';

/**
 * Picks the records of a recording whose times lie within a part of it. A recording may be out of order, so that one
 * record behind the part does not end it.
 */
export class PartPicker {
  /** Records whose times lie outside. */
  outside = 0;
  readonly #part: RecordedPart;
  #kept = 0;
  #fromMs = Number.NaN;
  #toMs = Number.NaN;
  /** Of all records, those outside included. */
  #earliestMs = Number.POSITIVE_INFINITY;
  #latestMs = Number.NEGATIVE_INFINITY;

  constructor(part: RecordedPart) {
    this.#part = part;
  }

  async *picked(blocks: AsyncIterable<RecordBlock>): AsyncGenerator<RecordBlock, void> {
    for await (const block of blocks) {
      this.#pick(block);
      if (!block.empty) yield block;
    }
  }

  /** @throws KloadError `input` after a recording of which nothing was picked: that is a mistake in the times */
  end(): void {
    if (this.#kept > 0 || this.outside === 0) return;
    const [first, last] = [rfc3339(this.#earliestMs), rfc3339(this.#latestMs)];
    throw new KloadError(
      'input',
      `no record lies in the part that --from and --to name (${this.#partText()})`,
      `the recording goes from ${first} to ${last}`,
    );
  }

  /** Takes the records that lie outside out of the block. All in it have a time. */
  #pick(block: RecordBlock): void {
    if (block.count === 0) return;
    if (Number.isNaN(this.#fromMs)) this.#resolve(block.recordedAtMs[0]!);
    let kept = 0;
    let bad = 0;
    for (let at = 0; at < block.count; at++) {
      // Bad records have no time: they stay, each before the record that it stood before.
      for (; block.bad[bad]?.index === at; bad++) block.bad[bad] = { ...block.bad[bad]!, index: kept };
      if (this.#holds(block.recordedAtMs[at]!)) block.move(at, kept++);
    }
    for (; bad < block.bad.length; bad++) block.bad[bad] = { ...block.bad[bad]!, index: kept };
    this.#kept += kept;
    this.outside += block.count - kept;
    block.count = kept;
  }

  #resolve(firstMs: number): void {
    const resolved = (moment: RecordedMoment | undefined, other: number) =>
      moment === undefined ? other : moment.ms + (moment.sinceFirst ? firstMs : 0);
    this.#fromMs = resolved(this.#part.from, Number.NEGATIVE_INFINITY);
    this.#toMs = resolved(this.#part.to, Number.POSITIVE_INFINITY);
  }

  #holds(ms: number): boolean {
    if (ms < this.#earliestMs) this.#earliestMs = ms;
    if (ms > this.#latestMs) this.#latestMs = ms;
    return ms >= this.#fromMs && ms < this.#toMs;
  }

  #partText(): string {
    const from = Number.isFinite(this.#fromMs) ? `from ${rfc3339(this.#fromMs)}` : '';
    const to = Number.isFinite(this.#toMs) ? `to before ${rfc3339(this.#toMs)}` : '';
    return [from, to].filter((text) => text !== '').join(' ');
  }
}

function rfc3339(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString();
}
