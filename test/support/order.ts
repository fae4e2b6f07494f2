/** Records of a stream, in order, each with its place in the input. */
export interface Placed {
  readonly key: string;
  readonly n: number;
}

/**
 * Looks at the order of each key: first occurrences come in input order, and a repeat, which is what a lost answer may
 * leave behind, comes before any later record of its key.
 *
 * @returns the places of those that break it, and of those that stand there more than once
 */
export function orderOf(records: Iterable<Placed>): { readonly wrong: number[]; readonly repeated: Set<number> } {
  const last = new Map<string, number>();
  const wrong: number[] = [];
  const repeated = new Set<number>();
  for (const { key, n } of records) {
    const before = last.get(key) ?? -1;
    if (n === before) repeated.add(n);
    else if (n < before) wrong.push(n);
    last.set(key, Math.max(before, n));
  }
  return { wrong, repeated };
}
