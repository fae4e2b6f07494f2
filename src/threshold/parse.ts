import { nearest } from '../core/nearest.js';
import { formatBytes, formatCount, formatLatency, formatPercent, formatRate } from '../core/units.js';
import { METRICS, type Metric, type Quantity } from './metrics.js';

/** 'min', 'mean', 'max' or a percentile. */
export type Stat = 'mean' | number;

/** A bound on a metric, such as `latency.p99 < 200ms over 10s after 30s abort`. */
export interface Threshold {
  /** As it was given, with single spaces. */
  readonly text: string;
  readonly metric: Metric;
  /** For a distribution: its mean, or a percentile, where 0 is the minimum and 100 the maximum. */
  readonly stat: Stat;
  /** For a metric of shards: the shard; undefined: each of them. */
  readonly shard: string | undefined;
  readonly operator: Operator;
  /** Milliseconds, a part of 1, or a number. */
  readonly bound: number;
  /** The length of the sliding window in seconds; Infinity: the whole run. */
  readonly overSeconds: number;
  /** It is crossed only if it is broken for this many seconds on end. */
  readonly forSeconds: number;
  /** Seconds at the start of the run that do not count. */
  readonly afterSeconds: number;
  /** Whether it ends the run when it is crossed. */
  readonly abort: boolean;
}

const OPERATORS = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
  '==': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
};
export type Operator = keyof typeof OPERATORS;

/** A threshold that cannot be read. The message says what is wrong with it, and what would be right. */
export class ThresholdError extends Error {}

const SHAPE = /^(\S+?(?:\([^)]*\)\S*?)?)\s*(<=|>=|==|!=|<|>|=)\s*(\S+)(.*)$/;
const SHARD = /^shard\(([^)]+)\)\./;
const STAT = /^(?:min|mean|max|p\d+(?:\.\d+)?)$/;
const SHAPE_HELP = "write METRIC OPERATOR VALUE, such as 'latency.p99 < 200ms over 10s'";

/**
 * Reads `METRIC[.STAT] OP VALUE[unit] [over WINDOW] [for TIME] [after TIME] [abort]`.
 *
 * @throws ThresholdError
 */
export function parseThreshold(given: string): Threshold {
  const { text, name, operator, value, rest } = partsOf(given, `is not a threshold: ${SHAPE_HELP}`);
  const shard = SHARD.exec(name)?.[1];
  const { metric, stat } = metricOf(shard === undefined ? name : name.replace(SHARD, 'shard(*).'), text);
  const bound = QUANTITIES[metric.quantity].read(value);
  if (bound === undefined) {
    throw new ThresholdError(`'${text}': ${name} takes ${QUANTITIES[metric.quantity].takes}, not '${value}'`);
  }
  const windows = windowsOf(rest, text);
  const threshold = { text, metric, stat, shard: shard === '*' ? undefined : shard, operator, bound, ...windows };
  checkTogether(threshold, name);
  return threshold;
}

/**
 * Splits `METRIC OP VALUE …`.
 *
 * @param otherwise what the error says about a text of another shape
 * @throws ThresholdError
 */
export function partsOf(given: string, otherwise: string) {
  const text = given.trim().replaceAll(/\s+/g, ' ');
  const [, name = '', operator = '', value = '', rest = ''] = SHAPE.exec(text) ?? [];
  if (name === '') throw new ThresholdError(`'${text}' ${otherwise}`);
  if (!isOperator(operator)) throw new ThresholdError(`'${text}': write == instead of =`);
  return { text, name, operator, value, rest };
}

/** A value as a metric takes it, in milliseconds, as a share of 1, or as a number; undefined if it cannot be read. */
export function readValue({ quantity }: Metric, text: string): number | undefined {
  return QUANTITIES[quantity].read(text);
}

/** Whether a value is on the right side of the bound. */
export function holds({ operator, bound }: Pick<Threshold, 'operator' | 'bound'>, value: number): boolean {
  return OPERATORS[operator](value, bound);
}

/** A value of the threshold's metric for people: '61.2 ms', '3.4 %'. */
export function valueText({ metric }: Pick<Threshold, 'metric'>, value: number): string {
  return QUANTITIES[metric.quantity].show(value);
}

function isOperator(text: string): text is Operator {
  return Object.hasOwn(OPERATORS, text);
}

/**
 * The metric that a name stands for, such as `latency.p99`.
 *
 * @param text the whole, for the error
 * @throws ThresholdError which names the nearest metric
 */
export function metricOf(name: string, text: string): { metric: Metric; stat: Stat } {
  const whole = namedIn(METRICS, name);
  if (whole !== undefined && whole.distribution === undefined) return { metric: whole, stat: 100 };
  const dot = name.indexOf('.');
  const base = dot < 0 ? name : name.slice(0, dot);
  const metric = namedIn(METRICS, base);
  if (metric?.distribution === undefined) {
    throw new ThresholdError(`'${text}': there is no metric '${name}'; did you mean ${nearestMetric(name)}?`);
  }
  const stat = dot < 0 ? '' : name.slice(dot + 1);
  const percentile = Number(stat.slice(1));
  if (!STAT.test(stat) || percentile > 100) {
    throw new ThresholdError(`'${text}': ${base} takes min, mean, max or a percentile, such as ${base}.p99`);
  }
  if (stat === 'mean') return { metric, stat };
  return { metric, stat: stat === 'min' ? 0 : stat === 'max' ? 100 : percentile };
}

const CLAUSE = /^ ?(over|for|after) (\S+)|^ ?(abort)(?= |$)/;

/** Reads what follows the value. */
function windowsOf(rest: string, text: string) {
  const found: { over?: number; for?: number; after?: number; abort?: true } = {};
  let left = rest;
  while (left.trim() !== '') {
    const [clause, word, time = '', abort] = CLAUSE.exec(left) ?? [];
    const key = (word ?? abort) as keyof typeof found | undefined;
    if (clause === undefined || key === undefined) {
      throw new ThresholdError(`'${text}': '${left.trim()}' is not over, for, after (each with a time) or abort`);
    }
    if (found[key] !== undefined) throw new ThresholdError(`'${text}': it has '${key}' twice`);
    if (key === 'abort') {
      found.abort = true;
    } else {
      const ms = readTime(time);
      if (ms === undefined || ms < 1000 || ms % 1000 !== 0) {
        throw new ThresholdError(`'${text}': ${key} takes whole seconds, such as 10s or 1m, not '${time}'`);
      }
      found[key] = ms / 1000;
    }
    left = left.slice(clause.length);
  }
  return {
    overSeconds: found.over ?? (found.for === undefined ? Number.POSITIVE_INFINITY : 1),
    forSeconds: found.for ?? 0,
    afterSeconds: found.after ?? 0,
    abort: found.abort === true,
  };
}

function checkTogether({ text, metric, operator, overSeconds, afterSeconds, abort }: Threshold, name: string): void {
  const slides = overSeconds !== Number.POSITIVE_INFINITY;
  if (metric.known === 'at-end' && (slides || abort || afterSeconds > 0)) {
    throw new ThresholdError(
      `'${text}': ${name} is known when the run has ended: leave out over, for, after and abort`,
    );
  }
  if (metric.known === 'grows' && abort && !slides && !operator.startsWith('<') && operator !== '==') {
    throw new ThresholdError(`'${text}': ${name} grows until the run ends: leave out abort`);
  }
}

/** How a quantity is written and read. */
interface Notation {
  readonly takes: string;
  readonly read: (text: string) => number | undefined;
  readonly show: (value: number) => string;
}

const NUMBER = /^(\d[\d_]*(?:\.\d+)?(?:e\d+)?)(.*)$/i;
/** How many milliseconds a unit has. */
const TIMES: Readonly<Record<string, number>> = { us: 1 / 1000, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const SIZES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

function scaled(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits = '', unit = ''] = NUMBER.exec(text) ?? [];
  const scale = namedIn(units, unit.toLowerCase());
  if (scale === undefined || digits === '') return undefined;
  const value = Number(digits.replaceAll('_', ''));
  // 57 * 0.01 is more than 57 / 100, which is what 57 of 100 make.
  return scale < 1 ? value / Math.round(1 / scale) : value * scale;
}

/** What a table has under a name that somebody wrote, which may be 'constructor'. */
function namedIn<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** '200ms', '1m30s' in milliseconds; '0' needs no unit. */
function readTime(text: string): number | undefined {
  if (text === '0') return 0;
  const parts = text.match(/\d[\d_]*(?:\.\d+)?[a-z]+/gi);
  if (parts === null || parts.join('') !== text) return undefined;
  return parts.reduce<number | undefined>((sum, part) => {
    const ms = scaled(part, TIMES);
    return sum === undefined || ms === undefined ? undefined : sum + ms;
  }, 0);
}

const QUANTITIES: Readonly<Record<Quantity, Notation>> = {
  time: { takes: 'a time with its unit (500us, 200ms, 1.5s)', read: readTime, show: formatLatency },
  share: {
    takes: 'a percentage (1%, 0.1%)',
    read: (text) => scaled(text, { '%': 1 / 100 }),
    show: formatPercent,
  },
  count: { takes: 'a number of records (0, 5000, 1e6)', read: (text) => scaled(text, { '': 1 }), show: formatCount },
  rate: {
    takes: 'records a second (5000, 5000/s)',
    read: (text) => scaled(text, { '': 1, '/s': 1 }),
    show: (value) => `${formatRate(value)}/s`,
  },
  bytes: {
    takes: 'bytes a second (4MiB, 500kB/s)',
    read: (text) => scaled(text.replace(/\/s$/, ''), SIZES),
    show: (value) => `${formatBytes(value)}/s`,
  },
};

/** The metric that was probably meant. */
function nearestMetric(name: string): string {
  return nearest(
    name,
    Object.entries(METRICS).map(([known, { distribution }]) => (distribution ? `${known}.p99` : known)),
  );
}
