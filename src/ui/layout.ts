/**
 * Shares rows out: each section gets its floor, what is left goes to the sections in the order of `growth`, each up to
 * the height named there. A section may stand in `growth` twice: first for what it needs, later for what it could use.
 */
export function allocate<Section extends string>(
  rows: number,
  floor: Readonly<Record<Section, number>>,
  growth: readonly (readonly [section: NoInfer<Section>, upTo: number])[],
): Record<Section, number> {
  const heights: Record<Section, number> = { ...floor };
  let left = rows - Object.values<number>(floor).reduce((sum, height) => sum + height, 0);
  for (const [section, upTo] of growth) {
    const more = Math.max(0, Math.min(left, upTo - heights[section]));
    heights[section] += more;
    left -= more;
  }
  return heights;
}
