const SHOWN_MAX = 3;
const EDITS_MAX = 2;

/** Those of the names that `name` may have been meant to be, the likeliest first. */
export function resembling(name: string, names: readonly string[]): readonly string[] {
  const plain = bare(name);
  // Half of a short name is soon another one.
  const editsMax = Math.min(EDITS_MAX, Math.floor(plain.length / 3));
  return names
    .map((candidate) => ({ candidate, edits: edits(plain, bare(candidate)) }))
    .filter(({ edits }) => edits <= editsMax)
    .sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, SHOWN_MAX)
    .map(({ candidate }) => candidate);
}

/** Names that differ only in case or in what divides their words are one to most people. */
function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[._-]/g, '');
}

/** How many characters have to be put in, taken out or changed. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
