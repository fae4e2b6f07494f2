import { CR } from '../../bytes/ascii.js';
import { outlineOf } from './json-outline.js';
import type { JsonValue } from './json-path.js';
import { INVALID, JsonScalars } from './json-scalar.js';
import { JsonTemplate } from './json-template.js';
import { JsonText } from './json-text.js';

/** The outline of a line goes at least this deep into objects. */
const DEPTH_MIN = 8;
/** How many shapes of lines are remembered at the same time. */
const TEMPLATES_MAX = 4;
/** After MISSES_MAX lines in a row without a match, SKIPPED_LINES lines are not compared with templates. */
const MISSES_MAX = 8;
const SKIPPED_LINES = 64;
/** After a line that was remembered in vain, up to this many lines are not remembered. */
const PAUSE_MAX = 255;

/**
 * Finds values in lines of JSON. A line is compared with the shapes of earlier lines first. If none matches, it is
 * scanned and its shape is remembered. In files where few lines are alike, comparing and remembering are mostly
 * skipped.
 */
export class JsonLine {
  readonly #values: readonly JsonValue[];
  readonly #scalars = new JsonScalars();
  readonly #json: JsonText;
  readonly #nested = new JsonText(0, this.#scalars);
  /** A template that matches moves to the front, step by step. */
  readonly #templates: JsonTemplate[] = [];
  #misses = 0;
  /** How many of the next lines are not compared, and not remembered. */
  #skipped = 0;
  #paused = 0;
  #pause = 0;
  /** Where the line that matched last begins. */
  #matched = -1;

  constructor(values: readonly JsonValue[]) {
    this.#values = values;
    this.#json = new JsonText(Math.max(DEPTH_MIN, ...values.map(({ path }) => path.depth)), this.#scalars);
  }

  /** Where the line at `from` ends, at its line feed, if it matches an earlier line, and so is valid; else -1. */
  match(bytes: Buffer, from: number, to: number): number {
    this.#matched = -1;
    if (this.#skipped > 0) {
      this.#skipped--;
      return INVALID;
    }
    this.#scalars.use(bytes);
    const templates = this.#templates;
    for (let at = 0; at < templates.length; at++) {
      const template = templates[at]!;
      const end = template.match(from, to, this.#scalars, this.#nested);
      if (end === INVALID) continue;
      template.locate(this.#values);
      if (at > 0) {
        templates[at] = templates[at - 1]!;
        templates[at - 1] = template;
      }
      this.#misses = 0;
      this.#matched = from;
      return end;
    }
    if (++this.#misses >= MISSES_MAX) this.#skipped = SKIPPED_LINES;
    return INVALID;
  }

  /** Whether the line `bytes[from, to)` is valid JSON. Returns at once if `match` just found its end. */
  scan(bytes: Buffer, from: number, to: number): boolean {
    if (from === this.#matched) return true;
    this.#scalars.use(bytes);
    if (!this.#json.scan(from, to)) return false;
    for (const value of this.#values) value.find(this.#json);
    if (this.#paused > 0) this.#paused--;
    else this.#remember(from, to < bytes.length && bytes[to] === CR ? to + 1 : to);
    return true;
  }

  #remember(from: number, to: number): void {
    const templates = this.#templates;
    const outline = outlineOf(this.#json, from, to, this.#values);
    const last = templates.length === TEMPLATES_MAX ? templates.pop() : undefined;
    const inVain = outline === undefined || last?.used === false;
    this.#pause = inVain ? Math.min(2 * this.#pause + 1, PAUSE_MAX) : 0;
    this.#paused = this.#pause;
    if (outline === undefined) return;
    templates.push(new JsonTemplate(outline));
    this.#misses = 0;
    this.#skipped = 0;
  }
}
