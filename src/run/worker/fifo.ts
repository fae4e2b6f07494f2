/** A first-in, first-out queue. Taking an item does not move the items behind it. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get count(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  /** All items, the first one first. */
  *[Symbol.iterator](): Generator<T> {
    for (let at = this.#head; at < this.#items.length; at++) yield this.#items[at]!;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.count === 0) return undefined;
    const item = this.#items[this.#head++];
    // Dropping the taken half in one go keeps a take cheap, and lets taken items be collected.
    if (this.#head > 512 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
