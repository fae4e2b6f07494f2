import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { pages, ROOT } from './page.js';

const LINES_MAX = 200;
const WORDS_MAX = 30;

const files = [...pages(), 'CHANGELOG.md', 'CONTRIBUTING.md', 'bench/README.md', 'examples/README.md'];

test.for(files)('links in %s lead somewhere', (path) => {
  expect(links(path).filter((link) => !leads(path, link))).toEqual([]);
});

test('every page of docs/ can be reached from its index', () => {
  const linked = new Set(links('docs/README.md').map((link) => join('docs', link.replace(/#.*/, ''))));
  const unlinked = pages().filter((path) => path.startsWith('docs/') && path !== 'docs/README.md' && !linked.has(path));
  expect(unlinked).toEqual([]);
});

test(`README has at most ${LINES_MAX} lines, and no sentence of more than ${WORDS_MAX} words`, () => {
  const readme = read('README.md');
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(LINES_MAX);
  expect(sentences(readme).filter((sentence) => sentence.split(/\s+/).length > WORDS_MAX)).toEqual([]);
});

test("README's figures are in the results that it links to", () => {
  const [, section = ''] = /^## How fast it is\n([\s\S]*?)^## /m.exec(read('README.md')) ?? [];
  const [, results = ''] = /\]\((bench\/[^)#]+)/.exec(section) ?? [];
  const measured = new Set(read(results).match(/[\d,.]+/g));
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| what '));
  const figures = rows.flatMap(
    (row) =>
      row
        .split('|')
        .slice(2)
        .join(' ')
        .match(/\d[\d,.]*/g) ?? [],
  );
  expect(figures.length).toBeGreaterThan(2 * rows.length);
  expect(figures.filter((figure) => !measured.has(figure))).toEqual([]);
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Targets of the links of a page that are neither in a code block nor on the Web. */
function links(path: string): string[] {
  const targets = [...withoutCode(read(path)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^https?:/.test(target));
}

function leads(from: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const path = file === '' ? from : join(dirname(from), file);
  if (!existsSync(join(ROOT, path))) return false;
  return anchor === undefined || anchors(path).has(anchor);
}

/** The anchors that GitHub gives the headings of a page. */
function anchors(path: string): Set<string> {
  const headings = [...withoutCode(read(path)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  const plain = headings.map((heading) => heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase());
  return new Set(plain.map((heading) => heading.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')));
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```$/gm, '');
}

/** A paragraph, a table cell or an item ends a sentence, too. */
function sentences(markdown: string): string[] {
  const text = withoutCode(markdown)
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/^\|[\s|:-]*\|$/gm, '')
    .replace(/\]\([^)]*\)/g, ']');
  const paragraphs = text.split(/\n\s*\n|\n(?=[-#|]|\d+\. )|\|/);
  return paragraphs.flatMap((paragraph) => paragraph.replace(/\s+/g, ' ').split(/(?<=[.!?:])\s+/)).map((s) => s.trim());
}
