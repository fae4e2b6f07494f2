/**
 * A set of ordinals, as sorted ranges with gaps between them. A record's ordinal is its number in the input, from 0.
 */
export class Ordinals {
  static readonly none = new Ordinals([]);
  readonly count: number;
  /** from, to, from, to …; each `to` is the first ordinal after its range. */
  readonly #bounds: readonly number[];

  private constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    let count = 0;
    for (let at = 0; at < bounds.length; at += 2) count += bounds[at + 1]! - bounds[at]!;
    this.count = count;
  }

  /** The ordinals of all lists. Each list is sorted, and no ordinal is in two of them. */
  static merged(lists: readonly Float64Array[]): Ordinals {
    const bounds: number[] = [];
    const positions = lists.map(() => 0);
    for (;;) {
      let least = Number.POSITIVE_INFINITY;
      let from = -1;
      for (let list = 0; list < lists.length; list++) {
        const ordinal = lists[list]![positions[list]!] ?? Number.POSITIVE_INFINITY;
        if (ordinal >= least) continue;
        least = ordinal;
        from = list;
      }
      if (from === -1) return new Ordinals(bounds);
      positions[from]!++;
      if (bounds.at(-1) === least) bounds[bounds.length - 1] = least + 1;
      else bounds.push(least, least + 1);
    }
  }

  /**
   * Parses what `stretches` returned. Undefined if it is invalid, or if an ordinal of the set is `end` or larger.
   */
  static fromStretches(stretches: unknown, end: number): Ordinals | undefined {
    if (!Array.isArray(stretches) || stretches.length % 2 !== 0) return undefined;
    const bounds: number[] = [];
    let reached = 0;
    for (const [at, length] of stretches.entries()) {
      if (!Number.isSafeInteger(length) || length < (at === 0 ? 0 : 1)) return undefined;
      reached += length;
      bounds.push(reached);
    }
    return reached <= end ? new Ordinals(bounds) : undefined;
  }

  /**
   * Describes the set by lengths: how many ordinals from 0 on are outside it, how many of the next are in it, and so
   * on. These are short numbers, even for a long input.
   */
  stretches(): number[] {
    return this.#bounds.map((bound, at) => bound - (this.#bounds[at - 1] ?? 0));
  }

  /** The ordinals of the set from `ordinal` on. */
  from(ordinal: number): Ordinals {
    let first = 0;
    while (first < this.#bounds.length && this.#bounds[first + 1]! <= ordinal) first += 2;
    const bounds = this.#bounds.slice(first);
    if (bounds.length > 0) bounds[0] = Math.max(bounds[0]!, ordinal);
    return new Ordinals(bounds);
  }

  /** The union with another set, whose ordinals are all larger. */
  followedBy(later: Ordinals): Ordinals {
    if (later.count === 0) return this;
    const touch = this.#bounds.at(-1) === later.#bounds[0];
    return new Ordinals(
      touch ? [...this.#bounds.slice(0, -1), ...later.#bounds.slice(1)] : [...this.#bounds, ...later.#bounds],
    );
  }

  /** The ranges, sorted: the first ordinal of each, and the first ordinal after it. */
  *ranges(): Generator<readonly [from: number, to: number], void> {
    for (let at = 0; at < this.#bounds.length; at += 2) yield [this.#bounds[at]!, this.#bounds[at + 1]!];
  }
}
