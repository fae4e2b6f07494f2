import type { HotKey } from '../core/report.js';

/** Keys that are counted at once. A key that makes up more than one in as many refusals is always among them. */
const KEYS_MAX = 16;

/** The keys of a record: an explicit hash key, where there is one, decides on its shard. */
export interface RecordKeys {
  readonly key: string;
  readonly explicitHashKey: string | undefined;
}

/**
 * The keys that are refused most often, in bounded memory (Misra and Gries): a count may be too low, never too high.
 */
export class RefusedKeys {
  /** A partition key may look like a hash key: each kind has a prefix of its own. */
  readonly #counts = new Map<string, { readonly shard: string; refused: number }>();

  add({ key, explicitHashKey }: RecordKeys, shard: string): void {
    const kept = explicitHashKey === undefined ? `p${key}` : `h${explicitHashKey}`;
    const count = this.#counts.get(kept);
    if (count !== undefined) {
      count.refused++;
    } else if (this.#counts.size < KEYS_MAX) {
      this.#counts.set(kept, { shard, refused: 1 });
    } else {
      for (const [other, counted] of this.#counts) if (--counted.refused === 0) this.#counts.delete(other);
    }
  }

  list(): HotKey[] {
    return [...this.#counts].map(([kept, { shard, refused }]) => {
      return { key: kept.slice(1), isHashKey: kept.startsWith('h'), shard, refused };
    });
  }
}
