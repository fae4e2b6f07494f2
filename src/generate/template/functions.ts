import { digitsOf } from '../writer.js';
import { dateFormat } from './date-format.js';
import { ArgumentError, type Field, type FieldContext } from './field.js';
import {
  characters,
  choice,
  decimal,
  hex,
  integer,
  isoText,
  key,
  normal,
  now,
  nowNumber,
  sequence,
  uuid,
  weightedChoice,
  words,
} from './values.js';

/** A function of templates that takes words: `{{int 1 100}}`. */
interface ShortForm {
  /** How it is called, for messages. */
  readonly usage: string;
  readonly args: readonly [min: number, max: number];
  make(args: readonly string[], context: FieldContext): Field;
}

const ANY = Number.POSITIVE_INFINITY;
const COUNT_MAX = 10 * 1024 * 1024;
/** Of `float` and `normal`. */
const DECIMALS = '2';

/** Words of `{{words 8}}`. */
const WORDS = (
  'about above after again air all also always animal answer around ask away back before begin below between big book ' +
  'both boy build call came carry change children city close come could country cut different earth eat end enough even ' +
  'every example eye face family far father feet few find first follow food form found four give good great group grow ' +
  'hand hard head hear help here high home house idea important keep kind know land large last late learn leave left ' +
  'letter life light line list little live long look made make many mean might mile mother mountain move much name near ' +
  'need never next night number often old once only open other our over own page paper part people picture place plant ' +
  'play point read really right river run same saw say school sea second seem sentence set should show side small some ' +
  'song soon sound spell stand start state still stop story study such take talk tell than them there thing think three ' +
  'through time together took tree try turn under until use very walk want watch water way well went while white word ' +
  'work world would write year young'
).split(' ');

/** Functions that take words, by name. */
export const SHORT_FORMS: Readonly<Record<string, ShortForm>> = {
  seq: {
    usage: '{{seq}} or {{seq 12}}, with leading zeros',
    args: [0, 1],
    make: ([width = '1']) => sequence(count(width)),
  },
  key: { usage: '{{key}}', args: [0, 0], make: (_args, context) => key(context) },
  uuid: { usage: '{{uuid}}', args: [0, 0], make: () => uuid() },
  int: { usage: '{{int 1 100}}', args: [2, 2], make: ([min, max]) => integer(whole(min!), whole(max!)) },
  float: {
    usage: '{{float 0 1}} or {{float 0 1 4}}, with four decimal digits',
    args: [2, 3],
    make: ([min, max, decimals = DECIMALS]) => decimal(number(min!), number(max!), count(decimals)),
  },
  normal: {
    usage: '{{normal 60 5}} (mean and standard deviation) or {{normal 60 5 0}}, without decimal digits',
    args: [2, 3],
    make: ([mean, deviation, decimals = DECIMALS]) => normal(number(mean!), number(deviation!), count(decimals)),
  },
  pick: { usage: '{{pick a b "c d"}}', args: [1, ANY], make: (args) => choice(args) },
  weighted: {
    usage: '{{weighted a:3 b:1}}',
    args: [1, ANY],
    make: (args) => {
      const at = args.map((arg) => arg.lastIndexOf(':'));
      if (at.includes(-1)) throw new ArgumentError('needs a weight behind each value');
      const weights = args.map((arg, index) => number(arg.slice(at[index]! + 1)));
      return weightedChoice(
        args.map((arg, index) => arg.slice(0, at[index])),
        weights,
      );
    },
  },
  now: {
    usage: '{{now}}, {{now iso}}, {{now ms}}, {{now s}} or {{now "YYYY-MM-DD HH:mm:ss"}}',
    args: [0, 1],
    make: ([format = 'iso']) => {
      if (format === 'ms' || format === 's') return nowNumber(format === 's' ? 1000 : 1);
      return now(format === 'iso' ? isoText : dateFormat(format));
    },
  },
  bytes: { usage: '{{bytes 100}}', args: [1, 1], make: ([n]) => characters(count(n!)) },
  hex: { usage: '{{hex 16}}', args: [1, 1], make: ([n]) => hex(count(n!)) },
  words: { usage: '{{words 8}}', args: [1, 1], make: ([n]) => words(count(n!), WORDS) },
};

/** Makes the field of a short form. @throws ArgumentError */
export function shortField(name: string, args: readonly unknown[], context: FieldContext): Field | undefined {
  if (!Object.hasOwn(SHORT_FORMS, name)) return undefined;
  const { usage, args: bounds, make } = SHORT_FORMS[name]!;
  const texts = args.map(String);
  if (texts.length < bounds[0] || texts.length > bounds[1]) {
    throw new ArgumentError(`is called as ${usage}`);
  }
  return make(texts, context);
}

function number(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new ArgumentError(`takes numbers, not '${text}'`);
  return value;
}

function whole(text: string): number {
  const value = number(text);
  if (!Number.isSafeInteger(value)) throw new ArgumentError(`takes whole numbers, not '${text}'`);
  return value;
}

function count(text: string): number {
  const value = whole(text);
  if (value < 0 || value > COUNT_MAX || digitsOf(value) > 8) {
    throw new ArgumentError(`takes a count of at most ${COUNT_MAX}, not '${text}'`);
  }
  return value;
}
