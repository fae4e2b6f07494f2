import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  CR,
  LF,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SPACE,
  TAB,
} from './ascii.js';

/** One step of a path. */
interface Step {
  /** What a member may be called to be the next one, the best match first. */
  readonly names: readonly Buffer[];
  /** How many of the names are all that remains of the path: a member that is called so ends it. */
  readonly wholeNames: number;
  /** The step as a place in an array; -1 if it is not a number. */
  readonly index: number;
}

/**
 * A path into JSON text, such as `.a.b.0`: names and array indexes, divided by dots; the first dot may be left out. A
 * name that holds dots itself is found where the rest of the path is exactly that name (`.ts`, `user.id`).
 *
 * It is followed in the bytes, so that what it finds is the text as it was written, and nothing is allocated. The text
 * must be valid JSON. Of members with the same name the last one counts, as it does for JSON.parse.
 */
export class JsonPath {
  readonly text: string;
  /** Where the value that `find` found lies, quotes included. */
  start = 0;
  end = 0;
  readonly #steps: readonly Step[];

  constructor(text: string) {
    this.text = text;
    const segments = text.replace(/^\./, '').split('.');
    this.#steps = segments.map((segment, at) => {
      const rest = segments.slice(at).join('.');
      const whole = at === 0 && rest !== text ? [text, rest] : [rest];
      const names = segment === rest ? whole : [...whole, segment];
      return {
        names: names.map((name) => Buffer.from(name)),
        wholeNames: whole.length,
        index: /^\d{1,9}$/.test(segment) ? Number(segment) : -1,
      };
    });
  }

  /** Follows the path in the JSON text that begins at `from`: whether there is something, at `start` and `end`. */
  find(bytes: Buffer, from: number): boolean {
    this.start = skipSpace(bytes, from);
    for (const step of this.#steps) {
      const first = bytes[this.start];
      if (first === OPEN_BRACKET) {
        if (!this.#findElement(bytes, step.index)) return false;
      } else if (first === OPEN_BRACE) {
        const rank = this.#findMember(bytes, step.names);
        if (rank === step.names.length) return false;
        if (rank < step.wholeNames) break;
      } else return false;
    }
    this.end = endOfValue(bytes, this.start);
    return true;
  }

  /** Moves from an object to its member with the best of the names, and returns which it is: names.length for none. */
  #findMember(bytes: Buffer, names: readonly Buffer[]): number {
    let best = names.length;
    let at = skipSpace(bytes, this.start + 1);
    while (bytes[at] === QUOTE) {
      const nameEnd = endOfString(bytes, at);
      const value = skipSpace(bytes, skipSpace(bytes, nameEnd) + 1);
      const escaped = hasEscape(bytes, at, nameEnd);
      for (let rank = 0; rank <= best && rank < names.length; rank++) {
        if (!(escaped ? isEscapedName : isName)(bytes, at + 1, nameEnd - 1, names[rank]!)) continue;
        best = rank;
        this.start = value;
      }
      at = skipComma(bytes, endOfValue(bytes, value));
    }
    return best;
  }

  /** Moves from an array to one of its elements, and says whether there is one. */
  #findElement(bytes: Buffer, index: number): boolean {
    if (index < 0) return false;
    let at = skipSpace(bytes, this.start + 1);
    for (let left = index; left > 0 && bytes[at] !== CLOSE_BRACKET; left--) {
      at = skipComma(bytes, endOfValue(bytes, at));
    }
    this.start = at;
    return bytes[at] !== CLOSE_BRACKET;
  }
}

/** Whether there is an escape in the string between the quotes. */
export function hasEscape(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    if (bytes[at] === BACKSLASH) return true;
  }
  return false;
}

function isName(bytes: Buffer, from: number, to: number, name: Buffer): boolean {
  if (to - from !== name.length) return false;
  for (let at = 0; at < name.length; at++) {
    if (bytes[from + at] !== name[at]) return false;
  }
  return true;
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte !== SPACE && byte !== TAB && byte !== LF && byte !== CR) return at;
    at++;
  }
}

function isEscapedName(bytes: Buffer, from: number, to: number, name: Buffer): boolean {
  return JSON.parse(bytes.toString('utf8', from - 1, to + 1)) === name.toString();
}

/** From the end of a value to the next one, or to the end of what holds them. */
function skipComma(bytes: Buffer, from: number): number {
  const at = skipSpace(bytes, from);
  return bytes[at] === COMMA ? skipSpace(bytes, at + 1) : at;
}

/** Where a string ends, from its opening quote to behind its closing one. */
function endOfString(bytes: Buffer, from: number): number {
  let at = from + 1;
  for (;;) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at + 1;
    at += byte === BACKSLASH ? 2 : 1;
  }
}

function endOfValue(bytes: Buffer, from: number): number {
  const first = bytes[from];
  if (first === QUOTE) return endOfString(bytes, from);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return endOfNest(bytes, from);
  for (let at = from; ; at++) {
    const byte = bytes[at]!;
    // Behind the end of the text there may be anything, at the end of the buffer undefined.
    if (!(byte > SPACE) || byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET) return at;
  }
}

function endOfNest(bytes: Buffer, from: number): number {
  let depth = 0;
  let at = from;
  for (;;) {
    const byte = bytes[at]!;
    if (byte === QUOTE) at = endOfString(bytes, at);
    else {
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
      at++;
      if (depth === 0) return at;
    }
  }
}
