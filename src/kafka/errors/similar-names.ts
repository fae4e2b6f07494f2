import { editDistance } from '../../core/nearest.js';

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
