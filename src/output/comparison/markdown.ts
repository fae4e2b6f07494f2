import type { ComparedReports, CompareVerdict } from '../../core/comparison.js';
import { code, text } from '../markdown.js';
import { COLUMNS, cellsOf, gateText, noteTexts, reasonTexts, runTexts, verdictText } from './cells.js';

const SIGNS: Readonly<Record<CompareVerdict, string>> = {
  better: '🟢',
  worse: '🔴',
  'no difference shown': '⚪',
  'cannot tell': '❔',
  'not comparable': '⛔',
};

/** A comparison for a pull request: the verdict first. */
export function renderComparisonMarkdown({ comparison }: ComparedReports): string {
  const { verdict, metrics, gates } = comparison;
  const failed = gates.some(({ ok }) => !ok);
  const sign = gates.length === 0 ? SIGNS[verdict] : failed ? '❌' : '✅';
  const lines = [
    `### ${sign} kload compare: ${text(verdictText(comparison))}`,
    '',
    ...(gates.length === 0 ? [] : ['| | fail if | found |', '|---|---|---|']),
    ...gates.map((gate) => `| ${gate.ok ? '✅' : '❌'} | ${code(gate.failIf)} | ${text(gateText(gate))} |`),
    ...(gates.length === 0 ? [] : ['']),
    `| ${COLUMNS.join(' | ')} |`,
    '|---|---:|---:|---:|---:|---|',
    ...metrics.map((row) => `| ${cellsOf(row).map(text).join(' | ')} |`),
    '',
    '<details><summary>How it was compared</summary>',
    '',
    ...(['base', 'new'] as const).flatMap((side) => runTexts(comparison, side).map((run) => `- ${side}: ${text(run)}`)),
    ...[...reasonTexts(comparison), ...noteTexts(comparison)].map((note) => `- ${text(note)}`),
    '',
    '</details>',
    '',
  ];
  return lines.join('\n');
}
