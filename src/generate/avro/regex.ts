import type { Random } from '../random.js';

/** Makes a text that a regular expression matches. */
export interface RegexText {
  readonly make: (random: Random) => string;
  /** The most UTF-16 code units of a text. */
  readonly lengthMax: number;
}

/** What follows `+` and `*` is repeated so often at most. */
const REPEATED_MAX = 10;
const UNSUPPORTED = 'takes literals, [classes], groups, | and the quantifiers ? * + {m,n}';
const from = (first: string, last: string) => {
  const [low, high] = [first.codePointAt(0)!, last.codePointAt(0)!];
  if (high < low || high - low > 0x1000) throw new SyntaxError(`the range ${first}-${last} is not valid`);
  return Array.from({ length: high - low + 1 }, (_, i) => String.fromCodePoint(low + i));
};
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  d: from('0', '9'),
  w: [...from('A', 'Z'), ...from('a', 'z'), ...from('0', '9'), '_'],
  s: [' '],
  n: ['\n'],
  t: ['\t'],
};
const ANY = from('!', '~');

/** Compiles a regular expression, of those features that describe a text. @throws SyntaxError */
export function regexText(pattern: string): RegexText {
  const parser = new Parser(pattern.replace(/^\^/, '').replace(/(?<!\\)\$$/, ''));
  return parser.parse();
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): RegexText {
    const made = this.#alternatives();
    if (this.#at < this.#text.length) throw new SyntaxError(`${this.#text[this.#at]} is not expected`);
    return made;
  }

  #alternatives(): RegexText {
    const all = [this.#sequence()];
    while (this.#take('|')) all.push(this.#sequence());
    if (all.length === 1) return all[0]!;
    return {
      make: (random) => all[random.below(all.length)]!.make(random),
      lengthMax: Math.max(...all.map(({ lengthMax }) => lengthMax)),
    };
  }

  #sequence(): RegexText {
    const parts: RegexText[] = [];
    while (this.#at < this.#text.length && !'|)'.includes(this.#text[this.#at]!)) parts.push(this.#repeated());
    return {
      make: (random) => parts.map(({ make }) => make(random)).join(''),
      lengthMax: parts.reduce((sum, { lengthMax }) => sum + lengthMax, 0),
    };
  }

  #repeated(): RegexText {
    const { make, lengthMax } = this.#atom();
    const [min, max] = this.#quantifier();
    if (min === 1 && max === 1) return { make, lengthMax };
    return {
      make: (random) => {
        let text = '';
        for (let left = min + random.below(max - min + 1); left > 0; left--) text += make(random);
        return text;
      },
      lengthMax: max * lengthMax,
    };
  }

  #quantifier(): readonly [min: number, max: number] {
    if (this.#take('?')) return [0, 1];
    if (this.#take('*')) return [0, REPEATED_MAX];
    if (this.#take('+')) return [1, REPEATED_MAX];
    const [all, low, comma, high] = /^\{(\d+)(,?)(\d*)\}/.exec(this.#text.slice(this.#at)) ?? [];
    if (all === undefined) return [1, 1];
    this.#at += all.length;
    const min = Number(low);
    const max = comma === '' ? min : high === '' ? min + REPEATED_MAX : Number(high);
    if (max < min || max > 1_000_000) throw new SyntaxError(`${all} is not valid`);
    return [min, max];
  }

  #atom(): RegexText {
    if (this.#take('(')) {
      if (this.#take('?') && !this.#take(':')) throw new SyntaxError(UNSUPPORTED);
      const inner = this.#alternatives();
      if (!this.#take(')')) throw new SyntaxError("'(' has no ')'");
      return inner;
    }
    if (this.#take('[')) return oneOf(this.#class());
    if (this.#take('.')) return oneOf(ANY);
    if ('?*+{^$'.includes(this.#text[this.#at]!)) throw new SyntaxError(UNSUPPORTED);
    return oneOf(this.#character());
  }

  #class(): readonly string[] {
    const found: string[] = [];
    if (this.#take('^')) throw new SyntaxError(UNSUPPORTED);
    while (!this.#take(']')) {
      const some = this.#character();
      const isRange = this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']' && some.length === 1;
      if (isRange) {
        this.#at++;
        found.push(...from(some[0]!, this.#character()[0]!));
      } else found.push(...some);
    }
    if (found.length === 0) throw new SyntaxError('a class is empty');
    return found;
  }

  /** One character, or those of a class such as \d. */
  #character(): readonly string[] {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) throw new SyntaxError('it ends too early');
    const character = String.fromCodePoint(code);
    this.#at += character.length;
    if (character !== '\\') return [character];
    const escaped = this.#text[this.#at++] ?? '';
    if (Object.hasOwn(CLASSES, escaped)) return CLASSES[escaped]!;
    if (/^[\W_]$/.test(escaped)) return [escaped];
    throw new SyntaxError(`\\${escaped} is not supported`);
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}

function oneOf(characters: readonly string[]): RegexText {
  const lengthMax = Math.max(...characters.map(({ length }) => length));
  const [only] = characters;
  if (characters.length === 1) return { make: () => only!, lengthMax };
  return { make: (random) => characters[random.below(characters.length)]!, lengthMax };
}
