import type { ComparedReports } from '../../core/comparison.js';

export function renderComparisonJson({ comparison }: ComparedReports): string {
  return `${JSON.stringify(comparison, null, 2)}\n`;
}
