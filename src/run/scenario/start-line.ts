/** Where loads wait for each other, so that all of them begin at the same moment. */
export class StartLine {
  readonly #waiting = new Set<number>();
  readonly #gone = new Set<number>();
  readonly #loads: number;
  readonly #begin: () => number;
  #isOpen = false;
  #open!: (startMs: number) => void;
  readonly #opened = new Promise<number>((resolve) => {
    this.#open = resolve;
  });

  /** @param begin called once, when all loads have arrived: returns when they begin */
  constructor(loads: number, begin: () => number) {
    this.#loads = loads;
    this.#begin = begin;
  }

  /** The load could begin. Resolves with the moment at which all do. */
  arrive(load: number): Promise<number> {
    this.#waiting.add(load);
    this.#check();
    return this.#opened;
  }

  /** The load ended before it could begin: the others do not wait for it. */
  leave(load: number): void {
    if (this.#waiting.has(load)) return;
    this.#gone.add(load);
    this.#check();
  }

  #check(): void {
    if (this.#isOpen || this.#waiting.size === 0 || this.#waiting.size + this.#gone.size < this.#loads) return;
    this.#isOpen = true;
    this.#open(this.#begin());
  }
}
