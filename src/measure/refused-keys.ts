import type { HotKey } from '../core/report.js';

/** Keys counted at a time. A key with more than a seventeenth of the refusals is always among them. */
const KEYS_MAX = 16;

/** The keys of a record. An explicit hash key, if there is one, decides its shard. */
export interface RecordKeys {
  readonly key: string;
  readonly explicitHashKey: string | undefined;
}

/**
 * The keys that are refused most often, in bounded memory (Misra and Gries). A count may be too low, never too high.
 */
export class RefusedKeys {
  /** Each kind of key has its own prefix, because a partition key may look like a hash key. */
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
