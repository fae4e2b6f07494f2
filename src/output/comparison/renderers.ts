import type { ComparedReports } from '../../core/comparison.js';
import { KloadError } from '../../core/errors.js';
import type { OutputFile } from '../write.js';

export type RenderComparison = (compared: ComparedReports) => string;

/** By file extension. */
const RENDERERS: Readonly<Record<string, () => Promise<RenderComparison>>> = {
  '.html': async () => (await import('./page.js')).renderComparisonHtml,
  '.md': async () => (await import('./markdown.js')).renderComparisonMarkdown,
  '.json': async () => (await import('./json.js')).renderComparisonJson,
};

/** @throws KloadError `usage` for a file whose extension is not in the table */
export async function openComparisonFiles(files: readonly string[]): Promise<OutputFile<ComparedReports>[]> {
  return Promise.all(
    files.map(async (file) => {
      const extension = Object.keys(RENDERERS).find((one) => file.endsWith(one));
      if (extension === undefined) {
        throw new KloadError(
          'usage',
          `--out ${file}: unknown format`,
          'use a file name that ends in .html, .md or .json',
        );
      }
      return { flag: '--out', file, render: await RENDERERS[extension]!() };
    }),
  );
}
