import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reads a page of Markdown into its code blocks. CONTRIBUTING.md describes the comments before a block. */

export const ROOT = join(import.meta.dirname, '../..');

/** What the comments before a block say. */
export interface Marks {
  /** Why the block cannot run. */
  readonly notRun?: string;
  /** The exit code of the one command that is expected to fail. */
  readonly exit?: number;
  /** The terminal that runs the block, or that printed it. */
  readonly terminal?: string;
  /** The terminal to press Ctrl-C in. */
  readonly ctrlC?: string;
  /** The file to write the block to. */
  readonly file?: string;
  /** The tool that only the interop tests have. */
  readonly needs?: string;
  /** Text to replace in this block and in the output that it is compared with. */
  readonly replacements: readonly (readonly [from: string, to: string])[];
}

export interface Block {
  /** The number of the line that opens the block. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  readonly marks: Marks;
}

/** Paths of README.md and of all pages in docs/, relative to the root. */
export function pages(): string[] {
  const inDocs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const names = inDocs.filter((name) => name.endsWith('.md')).map((name) => join('docs', name));
  return ['README.md', ...names.sort()];
}

export function readPage(path: string): Block[] {
  return parsePage(readFileSync(join(ROOT, path), 'utf8'));
}

export function parsePage(markdown: string): Block[] {
  const blocks: Block[] = [];
  let comments: string[] = [];
  let open: { line: number; language: string; code: string[]; marks: Marks } | undefined;
  for (const [index, text] of markdown.split('\n').entries()) {
    if (open !== undefined) {
      if (text !== '```') open.code.push(text);
      else {
        blocks.push({ ...open, code: `${open.code.join('\n')}\n` });
        open = undefined;
      }
      continue;
    }
    const [, language] = /^```(.*)$/.exec(text) ?? [];
    const [, comment] = /^<!-- (.*) -->$/.exec(text) ?? [];
    if (/^\s+```/.test(text)) throw new Error(`line ${index + 1}: an indented block would not be run`);
    if (language !== undefined) {
      open = { line: index + 1, language, code: [], marks: marksOf(comments, index + 1) };
      comments = [];
    } else if (comment !== undefined) comments.push(comment);
    else if (text !== '') comments = [];
  }
  if (open !== undefined) throw new Error(`line ${open.line}: the block does not end`);
  return blocks;
}

function marksOf(comments: readonly string[], line: number): Marks {
  const replacements: (readonly [string, string])[] = [];
  let marks: Omit<Marks, 'replacements'> = {};
  for (const comment of comments) {
    const [, from, to] = /^in the test: "(.+)" becomes "(.*)"$/.exec(comment) ?? [];
    const [, name = '', value = ''] = /^([a-z -]+): (.+)$/.exec(comment) ?? [];
    if (from !== undefined && to !== undefined) replacements.push([from, to]);
    else if (name === 'not run') marks = { ...marks, notRun: value };
    else if (name === 'exit') marks = { ...marks, exit: Number(value) };
    else if (name === 'terminal') marks = { ...marks, terminal: value };
    else if (name === 'ctrl-c') marks = { ...marks, ctrlC: value };
    else if (name === 'file') marks = { ...marks, file: value };
    else if (name === 'needs') marks = { ...marks, needs: value };
    else if (!/^(begin|end) /.test(comment)) throw new Error(`line ${line}: unknown comment: ${comment}`);
  }
  return { ...marks, replacements };
}
