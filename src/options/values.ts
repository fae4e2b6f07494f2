import { TimeZone } from '../bytes/time-zone.js';
import { parseTimestamp } from '../bytes/timestamp.js';
import { httpUrlProblem } from '../core/http-url.js';
import { KINESIS_LIMITS } from '../core/limits.js';
import type { KeyDistribution, SizeLaw } from '../core/made-load.js';
import type { RecordedMoment } from '../core/recording.js';
import { TIMER_MS_MAX } from '../core/waiting.js';

/** Turns the text of a value into the value. Throws a ValueError. */
export interface ReadValue<T> {
  (text: string): T;
  /** The texts that it takes, if there are only a few. */
  readonly choices?: readonly string[];
}

/** Says what an option takes, with an example. The message continues a sentence that begins with the option's name. */
export class ValueError extends Error {}

function refuse(takes: string, text: string): never {
  throw new ValueError(`takes ${takes}, not '${text}'`);
}

/** Adds a condition to `read`. */
function bounded<T>(read: ReadValue<T>, fits: (value: T) => boolean, takes: string): ReadValue<T> {
  return (text) => {
    const value = read(text);
    if (!fits(value)) throw new ValueError(`takes ${takes}`);
    return value;
  };
}

/** 5000, 5_000, 0.5, 1e4, 1.5e3 */
const NUMBER = /^(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** @param takes what the number must be, e.g. 'a whole number from 1 to 500' */
function numberFrom(takes: string, fits: (n: number) => boolean): ReadValue<number> {
  return (text) => {
    const n = Number(text.replaceAll('_', ''));
    return NUMBER.test(text) && fits(n) ? n : refuse(takes, text);
  };
}

export const whole = (min: number, max = Number.MAX_SAFE_INTEGER): ReadValue<number> =>
  numberFrom(
    max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`,
    (n) => Number.isInteger(n) && n >= min && n <= max,
  );

export const zeroOrMore = numberFrom('a number of at least 0', (n) => n >= 0 && Number.isFinite(n));

export const positive = numberFrom('a number above 0', (n) => n > 0 && Number.isFinite(n));

const DURATION = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

/** '500ms', '30s', '1m30s', '2h' as milliseconds; '0' needs no unit. */
const anyDuration: ReadValue<number> = (text) => {
  const parts = DURATION.exec(text);
  if (text === '0') return 0;
  if (parts === null || text === '') return refuse('a time with a unit (500ms, 30s, 1m30s)', text);
  const [, hours = '0', minutes = '0', seconds = '0', ms = '0'] = parts;
  return Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000 + Number(ms);
};

const DAY_MS = 24 * 3_600_000;
const TIMER_DAYS_MAX = Math.floor(TIMER_MS_MAX / DAY_MS);

const forTimer = (read: ReadValue<number>) =>
  bounded(
    read,
    (ms) => ms <= TIMER_DAYS_MAX * DAY_MS,
    `a time of at most ${TIMER_DAYS_MAX * 24}h (${TIMER_DAYS_MAX} days)`,
  );

/** How long a timer runs, ms. */
export const duration = forTimer(anyDuration);

const DAYS = /^(\d+)d/;

/**
 * A time: RFC 3339, or how long ago ('-5m', '2h', '1d'), as a function of the current time (both epoch milliseconds).
 * Undefined if the text is neither.
 */
export function parseMoment(text: string): ((nowMs: number) => number) | undefined {
  if (RFC_3339.test(text)) {
    const atMs = Date.parse(text);
    return Number.isNaN(atMs) ? undefined : () => atMs;
  }
  const ageMs = parseDays(text.replace(/^-/, ''));
  return ageMs === undefined ? undefined : (nowMs) => nowMs - ageMs;
}

/** A duration that may begin with days ('1d', '1d2h', '10m') in milliseconds; undefined for any other text. */
function parseDays(text: string): number | undefined {
  const days = Number(DAYS.exec(text)?.[1] ?? 0);
  const rest = text.replace(DAYS, '') || '0';
  if (text === '' || (rest !== '0' && !DURATION.test(rest))) return undefined;
  return days * 86_400_000 + anyDuration(rest);
}

function timestampIn(text: string): number {
  const bytes = Buffer.from(text);
  return parseTimestamp(bytes, 0, bytes.length);
}

/** Epoch milliseconds. */
export const moment: ReadValue<number> = (text) => {
  const ms = timestampIn(text);
  return Number.isNaN(ms) ? refuse('a time with an offset (2026-01-02T03:04:05Z) or an epoch number', text) : ms;
};

/** A time in a recording: a timestamp, or a time since the first record. */
export const recordedMoment: ReadValue<RecordedMoment> = (text) => {
  const sinceFirst = text.startsWith('+');
  const ms = sinceFirst ? parseDays(text.slice(1)) : timestampIn(text);
  return ms === undefined || Number.isNaN(ms)
    ? refuse(
        'a time with an offset (2026-01-02T03:04:05Z), an epoch number, or a time since the first record (+10m)',
        text,
      )
    : { ms, sinceFirst };
};

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** How long a run lasts: above 0, and with no upper bound because no timer runs for it. */
export const runDuration = bounded(anyDuration, (ms) => ms > 0, 'a time longer than 0, such as 30s');

/** Like `duration`, but above 0. */
export const someDuration = forTimer(runDuration);

/** Like `someDuration`, but of whole seconds. */
export const wholeSeconds = bounded(someDuration, (ms) => ms % 1000 === 0, 'whole seconds, such as 10s');

const SIZE_UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9 },
  ...{ kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 },
};

/** @param example sizes for the error message */
const byteSize =
  (example: string): ReadValue<number> =>
  (text) => {
    const [, digits = '', unit = ''] = /^([\d_.]+(?:e\+?\d+)?)\s*([a-z]*)$/i.exec(text) ?? [];
    const exact = Number(digits.replaceAll('_', '')) * (SIZE_UNITS[unit.toLowerCase()] ?? Number.NaN);
    // In floating point, 1.001 * 1000 is a little less than 1001.
    const bytes = Number(exact.toFixed(6));
    return NUMBER.test(digits) && Number.isInteger(bytes) ? bytes : refuse(`a number of bytes (${example})`, text);
  };

/** '200', '10kB', '1MiB' as bytes, up to the size of the largest record. */
export const recordSize = bounded(
  byteSize('200, 10kB, 1MiB'),
  (bytes) => bytes <= KINESIS_LIMITS.recordBytesMaxEver,
  `at most ${KINESIS_LIMITS.recordBytesMaxEver / 1024 ** 2}MiB, the largest record that Kinesis takes`,
);

const SIZES = '200, 100..2000, normal:500,100 or lognormal:p50=300,p99=4000';

/** The sizes of generated records. */
export const recordSizes: ReadValue<SizeLaw> = (text) => {
  const range = /^([^.]+)\.\.([^.]+)$/.exec(text);
  const normal = /^normal:([^,]+),([^,]+)$/.exec(text);
  const lognormal = /^lognormal:p50=([^,]+),p99=([^,]+)$/.exec(text);
  const [, low = '', high = ''] = range ?? normal ?? lognormal ?? [];
  if (low === '') {
    if (/[:.]{2}|[:,]/.test(text)) refuse(`sizes (${SIZES})`, text);
    return { kind: 'fixed', bytes: recordSize(text) };
  }
  const [a, b] = [recordSize(low), recordSize(high)];
  if (normal !== null) return { kind: 'normal', mean: a, deviation: b };
  if (a > b || a === 0) refuse(`sizes (${SIZES}), the smaller one first`, text);
  return range !== null ? { kind: 'uniform', min: a, max: b } : { kind: 'lognormal', p50: a, p99: b };
};

const DISTRIBUTIONS = 'uniform, sequential, zipf:0.99 or hotspot:0.2,0.8';

export const keyDistribution: ReadValue<KeyDistribution> = (text) => {
  if (text === 'uniform' || text === 'sequential') return { kind: text };
  const [, exponent] = /^zipf:(.+)$/.exec(text) ?? [];
  const [, hot, load] = /^hotspot:(.+),(.+)$/.exec(text) ?? [];
  if (exponent !== undefined && NUMBER.test(exponent) && Number(exponent) > 0) {
    return { kind: 'zipf', exponent: Number(exponent) };
  }
  if (isShare(hot) && isShare(load)) return { kind: 'hotspot', hot: Number(hot), load: Number(load) };
  return refuse(`${DISTRIBUTIONS} (shares above 0, up to 1)`, text);
};

function isShare(text: string | undefined): boolean {
  return text !== undefined && NUMBER.test(text) && Number(text) > 0 && Number(text) <= 1;
}

/** '3:0.5' */
export const hotShard: ReadValue<{ readonly shard: string; readonly share: number }> = (text) => {
  const [, shard = '', share] = /^(.+):(.+)$/.exec(text) ?? [];
  return isShare(share) ? { shard, share: Number(share) } : refuse('a shard and its share, such as 3:0.5', text);
};

/** '256MiB' as bytes, at least enough for the largest request. */
export const memorySize = bounded(
  byteSize('512MiB, 4GiB'),
  (bytes) => bytes >= 16 * 1024 ** 2,
  'at least 16MiB, enough for the largest request',
);

/** '4MiB' as bytes, above 0. */
export const someBytes = bounded(byteSize('500kB, 4MiB'), (bytes) => bytes > 0, 'a number of bytes above 0');

export function oneOf<const T extends string>(...values: readonly T[]): ReadValue<T> {
  const read = (text: string) => values.find((value) => value === text) ?? refuse(values.join(', '), text);
  return Object.assign(read, { choices: values });
}

/** Takes upper case for lower case. */
export function ignoringCase<T>(read: ReadValue<T>): ReadValue<T> {
  return Object.assign((text: string) => read(text.toLowerCase()), { choices: read.choices ?? [] });
}

export const timeZone: ReadValue<string> = (text) => {
  try {
    new TimeZone(text);
    return text;
  } catch {
    return refuse('UTC, an offset (+02:00) or the name of a time zone (Europe/Berlin)', text);
  }
};

/** The delimiter of a CSV file. 'tab' and '\t' stand for a tab, which is hard to type. */
export const delimiter: ReadValue<string> = (text) => {
  if (/^(tab|\\t)$/i.test(text)) return '\t';
  return [',', ';', '|', '\t'].includes(text) ? text : refuse("',', ';', '|' or tab", text);
};

export const text: ReadValue<string> = bounded(
  (text) => text,
  (text) => text !== '',
  'a non-empty value',
);

export const uuid: ReadValue<string> = bounded(
  (text) => text.toLowerCase(),
  (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text),
  'a UUID, such as b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63',
);

/** The service's rule for the names of streams and consumers, and for the IDs of shards. */
export const KINESIS_NAME = /^[a-zA-Z0-9_.-]{1,128}$/;

/** A consumer's name, by the service's rules; '' if none was given. */
export const consumerName: ReadValue<string> = bounded(
  (name) => name,
  (name) => name === '' || KINESIS_NAME.test(name),
  'a consumer name: up to 128 letters, digits, underscores, hyphens and full stops',
);

/** A partition key, by the service's rules. */
export const partitionKey: ReadValue<string> = bounded(
  (key) => key,
  (key) => key.length > 0 && [...key].length <= 256,
  '1 to 256 characters',
);

const urlLike =
  (example: string): ReadValue<string> =>
  (text) => {
    const problem = httpUrlProblem(text, example);
    if (problem !== undefined) throw new ValueError(problem);
    return text;
  };

export const url = urlLike('http://localhost:4566');

/** The URL of an OpenTelemetry collector. */
export const collectorUrl = urlLike('http://localhost:4318');

/** An address to listen on: '127.0.0.1:9464', 'localhost:0', '[::1]:9464'. */
export const hostPort: ReadValue<{ readonly host: string; readonly port: number }> = (text) => {
  const [, ipv6, name, digits] = /^(?:\[([\da-f:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(digits) > 65_535) return refuse('HOST:PORT, such as 127.0.0.1:9464', text);
  return { host, port: Number(digits) };
};

/** An address to connect to: 'tcp://part-0.job:4600'. */
export const tcpAddress: ReadValue<{ readonly host: string; readonly port: number }> = (text) => {
  const [, address] = /^tcp:\/\/(.+)$/.exec(text) ?? [];
  if (address === undefined) return refuse('tcp://HOST:PORT, such as tcp://10.0.0.5:4600', text);
  return hostPort(address);
};

/** A part of a run, by its number and how many there are, or as the environment says. */
export type PartChoice = 'auto' | { readonly number: number; readonly of: number | undefined };

/** '2/8', 'auto', or '2' where something else says how many there are. */
export const partChoice: ReadValue<PartChoice> = (text) => {
  if (text === 'auto') return text;
  const [, number, of] = /^(\d{1,9})(?:\/(\d{1,9}))?$/.exec(text) ?? [];
  const choice = { number: Number(number), of: of === undefined ? undefined : Number(of) };
  const fits = number !== undefined && choice.number >= 1 && choice.number <= (choice.of ?? choice.number);
  return fits ? choice : refuse('auto, or the number of a part and how many there are, such as 2/8', text);
};

/** @param takes what the text must be, with an example */
export const matching =
  (pattern: RegExp, takes: string): ReadValue<string> =>
  (text) =>
    pattern.test(text) ? text : refuse(takes, text);

/** Twelve digits. */
export const account = matching(/^\d{12}$/, 'a twelve-digit account ID');

export const streamName: ReadValue<string> = (text) =>
  KINESIS_NAME.test(text)
    ? text
    : refuse(
        text.startsWith('arn:')
          ? 'the name of a stream (--stream-arn takes its ARN)'
          : 'the name of a stream: up to 128 letters, digits, underscores, hyphens and full stops',
        text,
      );

export const streamArn = matching(
  /^arn:aws[^:]*:kinesis:[^:]*:\d{12}:stream\/\S+$/,
  'the ARN of a stream such as arn:aws:kinesis:us-east-1:123456789012:stream/orders',
);

/** A region, in the form that signatures contain. */
export const region = matching(/^[a-z0-9-]{1,63}$/, 'the name of a region such as us-east-1');

/** Limits: on, off, multiplied by a factor, or read from a file. */
export type LimitsChoice = boolean | number | { readonly file: string };

export const limitsSetting: ReadValue<LimitsChoice> = (text) => {
  if (text === 'on' || text === 'off') return text === 'on';
  const factor = text.endsWith('x') ? text.slice(0, -1) : '';
  const isFactor = NUMBER.test(factor);
  const n = Number(factor.replaceAll('_', ''));
  if (isFactor && n > 0 && Number.isFinite(n)) return n;
  return !isFactor && /\.json$|\//.test(text) ? { file: text } : refuse('on, off, 10x or a .json file', text);
};

/** 'AKID:secret', split at the first colon because an ID contains none. The error message leaves the secret out. */
export const accessKey: ReadValue<{ readonly accessKeyId: string; readonly secretAccessKey: string }> = (text) => {
  const [, accessKeyId, secretAccessKey] = /^([^:\s]+):(\S+)$/.exec(text) ?? [];
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return { accessKeyId, secretAccessKey };
  throw new ValueError('takes an access key ID and its secret, such as AKIDEXAMPLE:secret');
};
