/** The one of `names` that needs the fewest changes to become `name`: what somebody probably meant. */
export function nearest(name: string, names: readonly string[]): string {
  return names.reduce((best, known) => (editDistance(name, known) < editDistance(name, best) ? known : best));
}

/** How many characters to insert, delete, replace or swap with the next. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const swapped = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j] ? before[j - 1]! + 1 : row[j]! + 1;
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, a[i] === b[j] ? row[j]! : row[j]! + 1, swapped));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
