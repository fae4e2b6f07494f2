import type { HeldPack } from './pending-record.js';
import { SmallSet } from './small-set.js';

/** The packs that were dispatched to a worker and have unsettled records, in order of arrival. */
export class HeldPacks {
  readonly #packs = new SmallSet<HeldPack>();

  hold(pack: HeldPack): void {
    this.#packs.add(pack);
  }

  release(pack: HeldPack): void {
    this.#packs.delete(pack);
  }

  /** Makes all records due later. */
  delay(ms: number): void {
    for (const { records } of this.#packs) records.delay(ms);
  }

  /** The ordinals of all unsettled records, sorted. Records without ordinals are left out. */
  unsettled(): Float64Array {
    let total = 0;
    for (const pack of this.#packs) if (pack.records.numbered) total += pack.unsettled;
    const ordinals = new Float64Array(total);
    let count = 0;
    for (const { records } of this.#packs) count = records.listUnsettled(ordinals, count);
    return ordinals;
  }
}
