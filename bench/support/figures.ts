import { median } from './stats.js';

/**
 * One row of the result.
 * @typedef {object} Figure
 * @property {string} bench
 * @property {string} figure
 * @property {string} unit
 * @property {number} median
 * @property {number} min
 * @property {number} max
 * @property {number} runs
 */

/**
 * @param {string} bench
 * @param {string} figure
 * @param {string} unit
 * @param {readonly number[]} values one for each run
 * @returns {Figure}
 */
export function figureOf(bench, figure, unit, values) {
  const min = Math.min(...values);
  const max = Math.max(...values);
  return { bench, figure, unit, median: median(values), min, max, runs: values.length };
}

/** @param {readonly Figure[]} figures */
export function figureTable(figures) {
  const rows = figures.map(({ bench, figure, unit, median, min, max, runs }) => [
    bench,
    figure,
    ...[median, min, max].map((value) => formatValue(value, unit)),
    unit,
    String(runs),
  ]);
  const all = [['bench', 'figure', 'median', 'min', 'max', 'unit', 'runs'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const isNumber = (/** @type {number} */ column) => (column >= 2 && column <= 4) || column === 6;
  return all
    .map((row) =>
      row
        .map((cell, column) =>
          isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Formats figures as one JSON object per line. @param {readonly Figure[]} figures */
export function figureLines(figures) {
  return figures
    .map(({ bench, figure, unit, median, min, max, runs }) =>
      JSON.stringify({ bench, figure, unit, median: rounded(median), min: rounded(min), max: rounded(max), runs }),
    )
    .join('\n');
}

/** @param {number} value @param {string} unit */
function formatValue(value, unit) {
  if (unit === 'ratio') return value.toFixed(3);
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 100 ? 0 : 2);
}

/** Rounds to five significant digits; the figures are not more precise than that. @param {number} value */
function rounded(value) {
  return Number(value.toPrecision(5));
}
