import { KloadError } from '../core/errors.js';
import type { Report } from '../core/report.js';
import { isNameOfStandardOutput } from './standard-output.js';

export type Render = (report: Report) => string;

/** A form in which a report is written. */
export interface Renderer {
  /** What the file holds, in words that follow its extension. */
  readonly what: string;
  /** Loads the code: `--help` does not need it. */
  readonly load: () => Promise<Render>;
}

/** By file extension. A new form is one file and one line here, which help, the reference and errors are made from. */
const RENDERERS: Readonly<Record<string, Renderer>> = {
  '.json': { what: 'the full report', load: async () => (await import('./json.js')).renderJson },
  '.html': { what: 'a page to look at', load: async () => (await import('./html/page.js')).renderHtml },
  '.xml': { what: 'JUnit', load: async () => (await import('./junit.js')).renderJunit },
  '.md': { what: 'a summary in Markdown', load: async () => (await import('./markdown.js')).renderMarkdown },
  '.csv': { what: 'a row per second', load: async () => (await import('./csv.js')).renderCsv },
  '.hgrm': { what: 'the latency distribution', load: async () => (await import('./hgrm.js')).renderHgrm },
};

/** '.json for the full report, …; - is standard output, as JSON' */
export function rendererHelp(): string {
  const forms = Object.entries(RENDERERS).map(([extension, { what }]) => `${extension} for ${what}`);
  return `${forms.join(', ')}; - is standard output, as JSON`;
}

/**
 * @param flag the option that names the file
 * @throws KloadError `usage` for a file whose extension is not in the table
 */
export function rendererOf(file: string, flag = '--report'): Renderer {
  if (isNameOfStandardOutput(file)) return RENDERERS['.json']!;
  const extension = Object.keys(RENDERERS).find((extension) => file.endsWith(extension));
  if (extension !== undefined) return RENDERERS[extension]!;
  const known = Object.keys(RENDERERS);
  const list = `${known.slice(0, -1).join(', ')} or ${known.at(-1)}`;
  const hint = `use a file name that ends in ${list}, or - for JSON on standard output`;
  throw new KloadError('usage', `${flag} ${file}: unknown format`, hint);
}
