import type { ChildShard } from '../kinesis/read/readable-stream.js';

type State = 'waiting' | 'reading' | 'read';

/**
 * Decides which shards of a stream may be read now. A shard waits until all of its parents were read to their ends, so
 * that the records of a key come in the order in which they were written, through any splits and merges. `takeReady`
 * returns each shard once.
 *
 * A shard does not wait for an unknown parent, which has left retention or ended before the starting position.
 */
export class ShardGraph {
  readonly #parents = new Map<string, readonly string[]>();
  readonly #children = new Map<string, string[]>();
  readonly #states = new Map<string, State>();
  /** Waiting shards to check in the next `takeReady`, because they are new or one of their parents was read. */
  #candidates = new Set<string>();

  /** Adds shards. Has no effect on shards that are already known. */
  add(shards: readonly ChildShard[]): void {
    for (const { id, parents } of shards) {
      if (this.#states.has(id)) continue;
      this.#states.set(id, 'waiting');
      this.#parents.set(id, parents);
      for (const parent of parents) this.#children.set(parent, [...(this.#children.get(parent) ?? []), id]);
      this.#candidates.add(id);
    }
  }

  /** Adds shards that will not be read and that no shard waits for. */
  skip(ids: readonly string[]): void {
    for (const id of ids) if (!this.#states.has(id)) this.#states.set(id, 'read');
  }

  knows(id: string): boolean {
    return this.#states.has(id);
  }

  /** The known children of a shard. */
  childrenOf(id: string): readonly string[] {
    return this.#children.get(id) ?? [];
  }

  /** Returns the shards that may be read now, and marks them as being read. */
  takeReady(): string[] {
    const ready = [...this.#candidates].filter((id) => this.#isReady(id));
    for (const id of ready) this.#states.set(id, 'reading');
    this.#candidates = new Set();
    return ready;
  }

  /** Notes the end of a shard. Its children must have been added before, or they could be read too early. */
  finish(id: string): void {
    if (this.#states.get(id) !== 'reading') throw new Error(`shard ${id} is not being read`);
    this.#states.set(id, 'read');
    for (const child of this.childrenOf(id)) if (this.#states.get(child) === 'waiting') this.#candidates.add(child);
  }

  /** The number of shards that still wait for their parents. */
  get waiting(): number {
    let waiting = 0;
    for (const state of this.#states.values()) if (state === 'waiting') waiting++;
    return waiting;
  }

  #isReady(id: string): boolean {
    const parents = this.#parents.get(id) ?? [];
    return parents.every((parent) => (this.#states.get(parent) ?? 'read') === 'read');
  }
}
