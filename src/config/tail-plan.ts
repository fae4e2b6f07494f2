import { KloadError } from '../core/errors.js';
import { flagOf, type OptionSpec } from '../options/option.js';
import { parseOptions } from '../options/parse.js';
import { parseMoment } from '../options/values.js';
import type { TailKind, TailSource } from '../target/tail-kind.js';
import { TAIL_KINDS, tailOptions } from '../target/tail-kinds.js';
import type { ConfigFile } from './config-file.js';
import { namingSources, notOverridden } from './layers.js';
import { RECORD_OPTIONS, type ReadingValues, type RecordFormat, TAIL_OPTIONS } from './tail-options.js';

export type TailFrom =
  | { readonly kind: 'latest' }
  | { readonly kind: 'trim-horizon' }
  /** Epoch milliseconds. */
  | { readonly kind: 'time'; readonly atMs: number }
  /** For Kafka, an offset. */
  | { readonly kind: 'sequence-number'; readonly sequenceNumber: string };

/** A planned tail: every option has a value, and none contradicts another. */
export interface TailPlan {
  readonly command: 'tail' | 'record';
  readonly source: TailSource;
  readonly targetTimeoutMs: number;
  readonly from: TailFrom;
  /** The position as shown to the user. */
  readonly fromText: string;
  /** Full shard IDs or partition numbers. Empty: all of them. */
  readonly shards: readonly string[];
  readonly follow: boolean;
  readonly count: number | undefined;
  readonly durationMs: number | undefined;
  /** Epoch milliseconds. Records that arrived at this time or later are left out. */
  readonly untilMs: number | undefined;
  readonly format: RecordFormat;
  /** Undefined: standard output. */
  readonly output: string | undefined;
  /** Whether an existing output file may be overwritten. */
  readonly overwrites: boolean;
  readonly quiet: boolean;
}

export type TailCommand = TailPlan['command'];
type Given = Readonly<Record<string, unknown>>;

/** The options that a tail is planned from, after flags, variables and the `--config` file were put together. */
export interface TailGiven {
  readonly stream: string | undefined;
  readonly given: Given;
  readonly env: NodeJS.ProcessEnv;
}

/** Puts options together: flags win over variables, variables over the file. */
export function tailGiven(
  command: TailCommand,
  stream: string | undefined,
  flags: Given,
  env: NodeJS.ProcessEnv,
  file?: ConfigFile,
): TailGiven {
  const fromFile = file === undefined ? {} : notOverridden(tailTable(command), flags, env, file);
  const given = { ...fromFile, ...flags };
  const named = stream ?? file?.args[0];
  return { stream: named, given, env: withoutUnused(named, given, env) };
}

/** The options of the command. */
export function tailTable(command: TailCommand) {
  return command === 'tail' ? TAIL_OPTIONS : RECORD_OPTIONS;
}

/**
 * Plans a tail or a recording from the given options. Throws a KloadError (usage) for values that are invalid, alone or
 * together.
 *
 * @param stream name or ARN of the stream. Undefined: a topic is read
 * @param nowMs  the current time, epoch milliseconds, which relative times count from
 * @param file   the `--config` file
 */
export function planTail(
  command: TailCommand,
  stream: string | undefined,
  given: Given,
  env: NodeJS.ProcessEnv,
  nowMs: number,
  file?: ConfigFile,
): TailPlan {
  return namingSources(tailTable(command), given, env, file, () => {
    const used = tailGiven(command, stream, given, env, file);
    return command === 'tail'
      ? planOutput(used.stream, used.given, used.env, nowMs)
      : planRecording(used.stream, used.given, used.env, nowMs);
  });
}

const KINDS: readonly TailKind[] = Object.values(TAIL_KINDS);

/** The environment without variables of the other kinds of source: they may be there for other commands. */
function withoutUnused(stream: string | undefined, given: Given, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const options = Object.entries<OptionSpec>(tailOptions());
  const texts = Object.fromEntries(
    options.map(([name, { env: variable = '' }]) => [name, given[name] ?? (env[variable] || undefined)]),
  );
  const kind = KINDS.find((one) => one.isNamed(stream, texts));
  const used = { ...env };
  if (kind === undefined) return used;
  const taken = [...Object.keys(kind.options), ...kind.sharedOptions(texts)];
  for (const [name, { env: variable = '' }] of options) if (!taken.includes(name)) delete used[variable];
  return used;
}

function planOutput(stream: string | undefined, given: Given, env: NodeJS.ProcessEnv, nowMs: number): TailPlan {
  const values = parseOptions(TAIL_OPTIONS, given, env);
  const { output, quiet } = values;
  const format = values.format ?? (/\.(ndjson|jsonl)(\.gz)?$/.test(output ?? '') ? 'ndjson' : 'text');
  const reading = planReading('tail', stream, values, given, env, nowMs);
  return { command: 'tail', ...reading, format, output, overwrites: true, quiet };
}

function planRecording(stream: string | undefined, given: Given, env: NodeJS.ProcessEnv, nowMs: number): TailPlan {
  const values = parseOptions(RECORD_OPTIONS, given, env);
  const reading = planReading('record', stream, values, given, env, nowMs);
  const output = values.output ?? `${reading.source.name}.ndjson`;
  return { command: 'record', ...reading, format: 'ndjson', output, overwrites: values.force, quiet: values.quiet };
}

type Reading = Omit<TailPlan, 'command' | 'format' | 'output' | 'overwrites' | 'quiet'>;

function planReading(
  command: TailCommand,
  stream: string | undefined,
  values: ReadingValues,
  given: Given,
  env: NodeJS.ProcessEnv,
  nowMs: number,
): Reading {
  const kind = kindOf(command, stream, values, given);
  const source = kind.plan(stream, values, given, env);
  const shards = [...new Set(kind.shardIds(values))];
  const fromText = values.from ?? (values.follow && values.until === undefined ? 'latest' : 'trim-horizon');
  const from = fromOf(fromText, shards, kind, nowMs);
  const untilMs = values.until === undefined ? undefined : momentOf('--until', values.until, nowMs);
  checkRange(values, from, untilMs);
  const { targetTimeout: targetTimeoutMs, follow, count, duration: durationMs } = values;
  return { source, targetTimeoutMs, from, fromText, shards, follow, count, durationMs, untilMs };
}

/** What to read. A stream given as an argument wins over a topic from the environment. */
function kindOf(command: TailCommand, stream: string | undefined, values: ReadingValues, given: Given): TailKind {
  const kind = KINDS.find((one) => one.isNamed(stream, values));
  if (kind === undefined) {
    const hint = `kload ${command} STREAM, or kload ${command} --topic NAME --brokers host:9092`;
    throw new KloadError('usage', 'no stream or topic to read', hint);
  }
  const taken = [...Object.keys(kind.options), ...kind.sharedOptions(values)];
  for (const other of KINDS) {
    const name = Object.keys(other.options).find((option) => !taken.includes(option) && given[option] !== undefined);
    if (name === undefined) continue;
    const flag = flagOf(TAIL_OPTIONS[name as keyof ReadingValues]);
    const reason = `${flag} is for a ${other.words.target}, but a ${kind.words.target} is named`;
    throw new KloadError('usage', reason, 'leave one of them out');
  }
  return kind;
}

function fromOf(text: string, shards: readonly string[], kind: TailKind, nowMs: number): TailFrom {
  const name = text.toLowerCase().replaceAll('_', '-');
  if (name === 'earliest') return { kind: 'trim-horizon' };
  if (name === 'latest' || name === 'trim-horizon') return { kind: name };
  if (/^\d+$/.test(text)) {
    if (shards.length === 1) return { kind: 'sequence-number', sequenceNumber: text };
    const { name: position, flag } = kind.position;
    throw new KloadError(
      'usage',
      `--from with ${position} needs one ${flag.split(' ')[0]}`,
      `${position} is a position in one ${kind.words.shard}: add ${flag}`,
    );
  }
  const atMs = momentOf('--from', text, nowMs);
  if (atMs <= nowMs) return { kind: 'time', atMs };
  throw new KloadError('usage', `--from ${text} is in the future`, 'leave it out to start from now');
}

function momentOf(flag: string, text: string, nowMs: number): number {
  const moment = parseMoment(text)?.(nowMs);
  if (moment !== undefined) return moment;
  const names = flag === '--from' ? 'latest, trim-horizon, ' : '';
  throw new KloadError(
    'usage',
    `${flag} takes ${names}a time with an offset (2026-01-02T03:04:05Z) or how long ago (-5m, -2h, -1d), not '${text}'`,
  );
}

/** Throws for a tail that could never read a record. */
function checkRange({ from: given, follow, until }: ReadingValues, from: TailFrom, untilMs: number | undefined): void {
  if (from.kind === 'latest' && !follow) {
    throw new KloadError('usage', '--no-follow has nothing to read from latest', 'start earlier, such as --from -5m');
  }
  if (from.kind === 'time' && untilMs !== undefined && untilMs <= from.atMs) {
    throw new KloadError('usage', `--until ${until} must be after --from ${given}`);
  }
}
