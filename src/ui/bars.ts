/** Bars made of block characters, with a resolution of an eighth of a character. */

const UPWARDS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A share of `full` eighths, rounded: at least 1 for any share above 0, and at most `full`. */
function eighths(share: number, full: number): number {
  if (!(share > 0)) return 0;
  return Math.min(full, Math.max(1, Math.round(share * full)));
}

/** A share of one as a single character. */
export function level(share: number): string {
  return UPWARDS[eighths(share, 8)] ?? ' ';
}

/** A chart with a column per value, as its rows from top to bottom. */
export function columnChart(values: readonly number[], max: number, rows: number): string[] {
  const heights = values.map((value) => eighths(value / max, rows * 8));
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * 8;
    return heights.map((height) => UPWARDS[Math.max(0, Math.min(8, height - below))]).join('');
  });
}

/** A bar from left to right, as its filled and its empty part. */
export function progressBar(share: number, columns: number): { readonly filled: string; readonly empty: string } {
  const filled = share > 0 ? Math.min(columns, Math.round(share * columns)) : 0;
  return { filled: '█'.repeat(filled), empty: '░'.repeat(columns - filled) };
}

/** Rounds up to a round number, so that an axis does not move with every change of its values. */
export function roundUp(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8].find((candidate) => candidate * magnitude >= value);
  return (step ?? 10) * magnitude;
}
