/** Writes a time, of UTC. */
type Part = (time: Date) => string;

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const pad = (value: number, width: number) => String(value).padStart(width, '0');
const hour12 = (time: Date) => time.getUTCHours() % 12 || 12;
const yearStart = (time: Date) => Date.UTC(time.getUTCFullYear(), 0, 1);
const dayOfYear = (time: Date) => Math.floor((time.getTime() - yearStart(time)) / 86_400_000) + 1;

/** The tokens of Moment.js that a format can have, the longer ones first. */
const TOKENS: readonly (readonly [token: string, part: Part])[] = [
  ['YYYY', (time) => pad(time.getUTCFullYear(), 4)],
  ['YY', (time) => pad(time.getUTCFullYear() % 100, 2)],
  ['Q', (time) => String(Math.floor(time.getUTCMonth() / 3) + 1)],
  ['MMMM', (time) => MONTHS[time.getUTCMonth()]!],
  ['MMM', (time) => MONTHS[time.getUTCMonth()]!.slice(0, 3)],
  ['MM', (time) => pad(time.getUTCMonth() + 1, 2)],
  ['M', (time) => String(time.getUTCMonth() + 1)],
  ['DDDD', (time) => pad(dayOfYear(time), 3)],
  ['DDD', (time) => String(dayOfYear(time))],
  ['DD', (time) => pad(time.getUTCDate(), 2)],
  ['Do', (time) => ordinalText(time.getUTCDate())],
  ['D', (time) => String(time.getUTCDate())],
  ['dddd', (time) => DAYS[time.getUTCDay()]!],
  ['ddd', (time) => DAYS[time.getUTCDay()]!.slice(0, 3)],
  ['dd', (time) => DAYS[time.getUTCDay()]!.slice(0, 2)],
  ['d', (time) => String(time.getUTCDay())],
  ['E', (time) => String(time.getUTCDay() || 7)],
  ['HH', (time) => pad(time.getUTCHours(), 2)],
  ['H', (time) => String(time.getUTCHours())],
  ['hh', (time) => pad(hour12(time), 2)],
  ['h', (time) => String(hour12(time))],
  ['mm', (time) => pad(time.getUTCMinutes(), 2)],
  ['m', (time) => String(time.getUTCMinutes())],
  ['ss', (time) => pad(time.getUTCSeconds(), 2)],
  ['s', (time) => String(time.getUTCSeconds())],
  ['A', (time) => (time.getUTCHours() < 12 ? 'AM' : 'PM')],
  ['a', (time) => (time.getUTCHours() < 12 ? 'am' : 'pm')],
  ['ZZ', () => '+0000'],
  ['Z', () => '+00:00'],
  ['X', (time) => String(Math.floor(time.getTime() / 1000))],
  ['x', (time) => String(time.getTime())],
];

/** Reads a format of Moment.js. Tokens that it does not know, and what is in [brackets], stay as they are. */
export function dateFormat(format: string): (ms: number) => string {
  const parts: Part[] = [];
  let rest = format;
  while (rest !== '') {
    const [taken, part] = firstPart(rest);
    parts.push(part);
    rest = rest.slice(taken);
  }
  return (ms) => {
    const time = new Date(ms);
    return parts.map((part) => part(time)).join('');
  };
}

function firstPart(format: string): readonly [taken: number, part: Part] {
  const escaped = /^\[([^\]]*)\]/.exec(format);
  if (escaped !== null) return [escaped[0].length, () => escaped[1]!];
  // Digits of a fraction of a second: S, SS, SSS and so on.
  const fraction = /^S+/.exec(format)?.[0].length ?? 0;
  if (fraction > 0) {
    return [fraction, (time) => pad(time.getUTCMilliseconds(), 3).slice(0, fraction).padEnd(fraction, '0')];
  }
  const known = TOKENS.find(([token]) => format.startsWith(token));
  return known === undefined ? [1, () => format[0]!] : [known[0].length, known[1]];
}

/** 1st, 2nd, 3rd, 4th. */
function ordinalText(day: number): string {
  const isTeen = day > 10 && day < 14;
  return `${day}${(isTeen ? undefined : ['st', 'nd', 'rd'][(day % 10) - 1]) ?? 'th'}`;
}
