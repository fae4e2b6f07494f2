/** A record of a stream with its position in the input. */
export interface NumberedRecord {
  readonly key: string;
  readonly n: number;
}

/**
 * Checks the order of each key's records: they must come in input order. A duplicate, which a lost response may cause,
 * must come before any later record of its key.
 *
 * @param records in stream order
 * @returns the input positions of records out of order, and of duplicates
 */
export function orderOf(records: Iterable<NumberedRecord>): {
  readonly wrong: number[];
  readonly repeated: Set<number>;
} {
  const latest = new Map<string, number>();
  const wrong: number[] = [];
  const repeated = new Set<number>();
  for (const { key, n } of records) {
    const before = latest.get(key) ?? -1;
    if (n === before) repeated.add(n);
    else if (n < before) wrong.push(n);
    latest.set(key, Math.max(before, n));
  }
  return { wrong, repeated };
}
