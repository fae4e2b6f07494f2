import { KloadError } from '../core/errors.js';
import type { RecordBlock } from '../core/record.js';
import type { RecordedMoment, RecordedPart } from '../core/recording.js';
import { type Transform, transformed } from './transform.js';

/** Keeps the records whose times lie within a part of the recording. All records must have a time. */
export function pickPart(part: RecordedPart): Transform {
  return (source) => {
    let first: PartPicker | undefined;
    /** Progress at the first record kept: what was dropped before it is never sent. */
    let doneBefore: number | undefined;
    return transformed(source, {
      async *blocks() {
        const picker = new PartPicker(part);
        first ??= picker;
        for await (const block of source.blocks()) {
          picker.pick(block);
          if (block.empty) continue;
          doneBefore ??= source.progress(0).done;
          yield block;
        }
        picker.end();
      },
      progress(blockShare) {
        const { done, total } = source.progress(blockShare);
        const before = doneBefore ?? done;
        return { done: done - before, total: total === undefined ? undefined : total - before };
      },
      found: () => ({ outside: first?.outside ?? 0 }),
    });
  };
}

/** Picks records by their times. A recording may be out of order, so a record after the part does not end it. */
class PartPicker {
  /** Records whose times lie outside of the part. */
  outside = 0;
  readonly #part: RecordedPart;
  #kept = 0;
  #fromMs = Number.NaN;
  #toMs = Number.NaN;
  /** Of all records, including those outside. */
  #earliestMs = Number.POSITIVE_INFINITY;
  #latestMs = Number.NEGATIVE_INFINITY;

  constructor(part: RecordedPart) {
    this.#part = part;
  }

  /** @throws KloadError `input` if no record of the recording was picked: the part must be a mistake */
  end(): void {
    if (this.#kept > 0 || this.outside === 0) return;
    const [first, last] = [rfc3339(this.#earliestMs), rfc3339(this.#latestMs)];
    throw new KloadError(
      'input',
      `no record lies in the part that --from and --to name (${this.#partText()})`,
      `the recording goes from ${first} to ${last}`,
    );
  }

  /** Removes the records outside of the part from the block. */
  pick(block: RecordBlock): void {
    const { count, recordedAtMs } = block;
    if (count === 0) return;
    if (Number.isNaN(this.#fromMs)) this.#resolve(recordedAtMs[0]!);
    block.keepOnly((at) => this.#holds(recordedAtMs[at]!));
    this.#kept += block.count;
    this.outside += count - block.count;
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
