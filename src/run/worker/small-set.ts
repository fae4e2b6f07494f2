/**
 * A set of a few, in the order in which they came. Unlike a Set it makes no tables: V8 makes another one whenever a Set
 * that comes and goes has grown or shrunk enough, and each points to the next. Once one of them is old, all after it become
 * old as well, with all that they held, and wait for a collection of the whole heap.
 */
export class SmallSet<T> implements Iterable<T> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  /** @param member that is not in it */
  add(member: T): void {
    this.#members.push(member);
  }

  delete(member: T): void {
    const members = this.#members;
    const at = members.indexOf(member);
    if (at === -1) return;
    // Not by copyWithin, which asks for each place whether it is one.
    for (let to = at; to < members.length - 1; to++) members[to] = members[to + 1]!;
    members.pop();
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#members[Symbol.iterator]();
  }
}
