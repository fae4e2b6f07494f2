import { CR } from '../../bytes/ascii.js';
import { outlineOf } from './json-outline.js';
import type { JsonValue } from './json-path.js';
import { INVALID, JsonScalars } from './json-scalar.js';
import { JsonTemplate } from './json-template.js';
import { JsonText } from './json-text.js';

/** How deep objects are part of a line's outline, at least. */
const DEPTH_MIN = 8;
/** So many kinds of lines, one between the others, are remembered. */
const TEMPLATES_MAX = 4;
/** After so many lines in a row that were like none, templates are tried only once in so many lines. */
const MISSES_MAX = 8;
const SKIPPED_LINES = 64;
/** So many lines at most are not remembered after one that was remembered for nothing. */
const PAUSE_MAX = 255;

/**
 * Finds values in lines of JSON. A line that is like one before is compared with that one; any other is scanned, and then
 * remembered. Where hardly a line is like another, trying and remembering are mostly left.
 */
export class JsonLine {
  readonly #values: readonly JsonValue[];
  readonly #scalars = new JsonScalars();
  readonly #json: JsonText;
  readonly #nested = new JsonText(0, this.#scalars);
  /** The more often one matches, the sooner it is tried. */
  readonly #templates: JsonTemplate[] = [];
  #misses = 0;
  /** How many lines follow for which no template is tried, and which are not remembered. */
  #skipped = 0;
  #paused = 0;
  #pause = 0;
  /** Where the line begins that was matched last. */
  #matched = -1;

  constructor(values: readonly JsonValue[]) {
    this.#values = values;
    this.#json = new JsonText(Math.max(DEPTH_MIN, ...values.map(({ path }) => path.depth)), this.#scalars);
  }

  /** Where the line that begins at `from` ends, at a line feed, if it is valid and like one before; else -1. */
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
      template.tell(this.#values);
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

  /** Whether the line `bytes[from, to)` is valid JSON. It is known if `match` was called last, and found its end. */
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
