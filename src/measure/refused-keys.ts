import type { HotKey } from '../core/report.js';

/** Keys that are counted at once. A key that makes up more than one in as many refusals is always among them. */
const KEYS_MAX = 16;

/** The keys that are refused most often, in bounded memory (Misra and Gries): a count may be too low, never too high. */
export class RefusedKeys {
  readonly #counts = new Map<string, { readonly shard: string; refused: number }>();

  add(key: string, shard: string): void {
    const count = this.#counts.get(key);
    if (count !== undefined) {
      count.refused++;
    } else if (this.#counts.size < KEYS_MAX) {
      this.#counts.set(key, { shard, refused: 1 });
    } else {
      for (const [other, counted] of this.#counts) if (--counted.refused === 0) this.#counts.delete(other);
    }
  }

  list(): HotKey[] {
    return [...this.#counts].map(([key, { shard, refused }]) => ({ key, shard, refused }));
  }
}
