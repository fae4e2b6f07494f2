/** What is wrong with a template, and where: an index of its text. */
export class TemplateError extends Error {
  readonly index: number;
  readonly hint: string | undefined;

  constructor(index: number, message: string, hint?: string) {
    super(message);
    this.index = index;
    this.hint = hint;
  }
}

/** A function of a template: `{{int 1 100}}`, or as the Kinesis Data Generator has it, `{{random.number(100)}}`. */
export interface Call {
  readonly name: string;
  /** Values of JSON in parentheses; otherwise words. */
  readonly args: readonly unknown[];
  /** Where its name is in the text. */
  readonly index: number;
}

/** Text that stays as it is, or a call. */
export type Part = string | Call;

const NAME = /[A-Za-z_][\w.-]*/y;
const SPACES = /\s*/y;
const WORD = /"(?:[^"\\]|\\.)*"|[^\s"}]+|\}(?!\})/y;

/** Splits a template into text and calls. @throws TemplateError */
export function parseTemplate(text: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf('{{', at);
    if (open > at) parts.push(text.slice(at, open));
    else if (open === -1 && at < text.length) parts.push(text.slice(at));
    if (open === -1) return parts;
    const [part, end] = parsePlaceholder(text, open);
    parts.push(part);
    at = end;
  }
}

/** @param open where its `{{` is */
function parsePlaceholder(text: string, open: number): readonly [part: Part, end: number] {
  const index = skip(SPACES, text, open + 2);
  if (text[index] === '"') {
    const [literal, end] = wordAt(text, index, open);
    return [literal, closed(text, end, open)];
  }
  NAME.lastIndex = index;
  const name = NAME.exec(text)?.[0];
  if (name === undefined) {
    throw new TemplateError(index, "'{{' must be followed by the name of a function", 'write {{"{{"}} for the text {{');
  }
  let at = skip(SPACES, text, index + name.length);
  if (text[at] === '(') {
    const end = endOfArguments(text, at);
    const args = jsonArguments(text.slice(at + 1, end), at + 1, name);
    return [{ name, args, index }, closed(text, end + 1, open)];
  }
  const args: string[] = [];
  while (!text.startsWith('}}', at)) {
    const [word, end] = wordAt(text, at, open);
    args.push(word);
    at = skip(SPACES, text, end);
  }
  return [{ name, args, index }, at + 2];
}

/** The word at an index, or the string of JSON there. */
function wordAt(text: string, index: number, open: number): readonly [word: string, end: number] {
  WORD.lastIndex = index;
  const word = WORD.exec(text)?.[0];
  if (word === undefined) throw unclosed(open);
  if (!word.startsWith('"')) return [word, index + word.length];
  try {
    return [JSON.parse(word) as string, index + word.length];
  } catch {
    throw new TemplateError(index, `${word} is not a string of JSON`, 'escape it as in JSON');
  }
}

function closed(text: string, from: number, open: number): number {
  const at = skip(SPACES, text, from);
  if (!text.startsWith('}}', at)) throw at < text.length ? unexpected(text, at) : unclosed(open);
  return at + 2;
}

function unexpected(text: string, at: number): TemplateError {
  return new TemplateError(at, `'}}' must come here, not '${text[at]}'`);
}

function unclosed(open: number): TemplateError {
  return new TemplateError(open, "'{{' has no '}}'");
}

/** The index of the parenthesis that closes the one at `open`. Those in strings do not count. */
function endOfArguments(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const char = text[at]!;
    if (char === '"') {
      WORD.lastIndex = at;
      const string = WORD.exec(text)?.[0];
      if (string === undefined) break;
      at += string.length - 1;
    } else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return at;
  }
  throw new TemplateError(open, "'(' has no ')'");
}

/** The values between parentheses. Text that is no JSON, as in `date.now(YYYY-MM-DD)`, is a string. */
function jsonArguments(text: string, index: number, name: string): unknown[] {
  try {
    return JSON.parse(`[${text}]`) as unknown[];
  } catch {
    if (/^\s*[^\s"'[{]/.test(text)) return [text.trim()];
    throw new TemplateError(index, `the arguments of ${name} are not JSON`, 'write names and texts in double quotes');
  }
}

function skip(pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index;
  pattern.exec(text);
  return pattern.lastIndex;
}
