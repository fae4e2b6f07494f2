/** Bars out of block characters, an eighth of a character fine. */

const UPWARDS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Whole eighths of `full`; anything above nothing is seen, nothing overflows. */
function eighths(share: number, full: number): number {
  if (!(share > 0)) return 0;
  return Math.min(full, Math.max(1, Math.round(share * full)));
}

/** One character for a share of one. */
export function level(share: number): string {
  return UPWARDS[eighths(share, 8)] ?? ' ';
}

/** A column a value, rows top first. */
export function columnChart(values: readonly number[], max: number, rows: number): string[] {
  const heights = values.map((value) => eighths(value / max, rows * 8));
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * 8;
    return heights.map((height) => UPWARDS[Math.max(0, Math.min(8, height - below))]).join('');
  });
}

/** A bar from left to right: its filled and its empty part. */
export function progressBar(share: number, columns: number): { readonly filled: string; readonly empty: string } {
  const filled = share > 0 ? Math.min(columns, Math.round(share * columns)) : 0;
  return { filled: '█'.repeat(filled), empty: '░'.repeat(columns - filled) };
}

/** The next round number: an axis that ends there holds still while the values under it move. */
export function roundUp(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8].find((candidate) => candidate * magnitude >= value);
  return (step ?? 10) * magnitude;
}
