import type { Report } from '../core/report.js';

/** A list of numbers, one on each line. No text can look like it: line breaks in a text are escaped. */
const NUMBERS = /\[\n\s+(-?\d[^\s,]*(?:,\n\s+-?\d[^\s,]*)*)\n\s+\]/g;

export function renderJson(report: Report): string {
  const text = JSON.stringify(report, null, 2);
  return `${text.replaceAll(NUMBERS, (_, numbers: string) => `[${numbers.replaceAll(/\n\s+/g, '')}]`)}\n`;
}
