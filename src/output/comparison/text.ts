import type { Comparison } from '../../core/comparison.js';
import { COLUMNS, cellsOf, gateText, noteTexts, reasonTexts, runTexts, verdictText } from './cells.js';

/** A comparison in lines for a terminal. */
export function comparisonLines(comparison: Comparison): string[] {
  const { metrics, gates } = comparison;
  return [
    ...runTexts(comparison, 'base').map((text) => `  base  ${text}`),
    ...runTexts(comparison, 'new').map((text) => `  new   ${text}`),
    '',
    ...aligned([COLUMNS, ...metrics.map(cellsOf)]),
    '',
    `  ${verdictText(comparison)}`,
    ...(gates.length === 0 ? [] : ['']),
    ...aligned(
      gates.map((gate) => [gate.ok ? 'ok' : 'FAILED', gate.failIf, gateText(gate)]),
      new Set(),
    ),
    '',
    ...[...reasonTexts(comparison), ...noteTexts(comparison)].map((text) => `  ${text}`),
  ];
}

const NUMBERS = new Set([1, 2, 3, 4]);

/** Rows with their columns in line: numbers to the right. */
function aligned(rows: readonly (readonly string[])[], right = NUMBERS): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) => {
    const cells = row.map((cell, i) => (right.has(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)));
    return `  ${cells.join('  ')}`.trimEnd();
  });
}
