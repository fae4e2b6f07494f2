/** A shard as the service lists it: its parents are the shards whose split or merge made it. */
export interface ShardNode {
  readonly id: string;
  readonly parents: readonly string[];
}

type State = 'waiting' | 'reading' | 'read';

/**
 * Which shards of a stream may be read now. A shard waits until all of its parents were read to their ends, so that the
 * records of a key come in the order in which they were written, through any splits and merges. Each shard is offered
 * out once.
 *
 * A parent that nobody has told of has left retention, or ended before the point that is read from: it is not waited for.
 */
export class ShardGraph {
  readonly #parents = new Map<string, readonly string[]>();
  readonly #children = new Map<string, string[]>();
  readonly #states = new Map<string, State>();
  /** Waiting, and not looked at since something changed for them. */
  #candidates = new Set<string>();

  /** Tells of shards; those that are known already stay as they are. */
  add(shards: readonly ShardNode[]): void {
    for (const { id, parents } of shards) {
      if (this.#states.has(id)) continue;
      this.#states.set(id, 'waiting');
      this.#parents.set(id, parents);
      for (const parent of parents) this.#children.set(parent, [...(this.#children.get(parent) ?? []), id]);
      this.#candidates.add(id);
    }
  }

  /** Tells of shards that are not to be read, and that nothing waits for. */
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

  /** The shards whose turn has come; they count as being read from now on. */
  takeReady(): string[] {
    const ready = [...this.#candidates].filter((id) => this.#isReady(id));
    for (const id of ready) this.#states.set(id, 'reading');
    this.#candidates = new Set();
    return ready;
  }

  /** A shard was read to its end. What it hands on to must have been added before, or it may be handed out too early. */
  finish(id: string): void {
    if (this.#states.get(id) !== 'reading') throw new Error(`shard ${id} is not being read`);
    this.#states.set(id, 'read');
    for (const child of this.childrenOf(id)) if (this.#states.get(child) === 'waiting') this.#candidates.add(child);
  }

  /** Shards that still wait for their parents. */
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
