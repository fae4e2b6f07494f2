const SHOWN_MAX = 3;
const EDITS_MAX = 2;

/** The names that are most similar to `name`, by edit distance, the most similar first. */
export function similarNames(name: string, names: readonly string[]): readonly string[] {
  const normalized = normalize(name);
  // In a short name, two edits would match almost any other short name.
  const editsMax = Math.min(EDITS_MAX, Math.floor(normalized.length / 3));
  return names
    .map((candidate) => ({ candidate, edits: editDistance(normalized, normalize(candidate)) }))
    .filter(({ edits }) => edits <= editsMax)
    .sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, SHOWN_MAX)
    .map(({ candidate }) => candidate);
}

/** Ignores case and the characters that separate words. */
function normalize(name: string): string {
  return name.toLowerCase().replaceAll(/[._-]/g, '');
}

/** The number of characters to insert, delete or replace (Levenshtein distance). */
function editDistance(from: string, to: string): number {
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
