/**
 * A set of few members, in insertion order. Unlike a Set, it allocates no hash tables. V8 allocates a new table
 * whenever a Set has grown or shrunk enough, and each table points to the next. Once a table is in the old generation,
 * it keeps all later ones alive, with everything that they held, until the whole heap is collected.
 */
export class SmallSet<T> implements Iterable<T> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  /** @param member must not be in the set */
  add(member: T): void {
    this.#members.push(member);
  }

  delete(member: T): void {
    const members = this.#members;
    const at = members.indexOf(member);
    if (at === -1) return;
    // Not with copyWithin, which is slow: it checks for each index whether it exists.
    for (let to = at; to < members.length - 1; to++) members[to] = members[to + 1]!;
    members.pop();
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#members[Symbol.iterator]();
  }
}
