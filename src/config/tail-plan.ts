import { KloadError } from '../core/errors.js';
import { regionOfArn } from './arn.js';
import { parseOptions } from './parse.js';
import { TAIL_OPTIONS, type TailValues } from './tail-options.js';
import { parseMoment } from './values.js';

export type TailFrom =
  | { readonly kind: 'latest' }
  | { readonly kind: 'trim-horizon' }
  /** Epoch milliseconds. */
  | { readonly kind: 'time'; readonly atMs: number }
  | { readonly kind: 'sequence-number'; readonly sequenceNumber: string };

/** A tail, decided: every option has its value, and none contradicts another. */
export interface TailPlan {
  readonly stream: { readonly StreamName: string } | { readonly StreamARN: string };
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly endpoint: string | undefined;
  readonly targetTimeoutMs: number;
  readonly from: TailFrom;
  /** How the position is named to the user. */
  readonly fromText: string;
  /** Ids in full; empty: all shards. */
  readonly shards: readonly string[];
  /** The consumer that records are pushed to: a name, or '' for one of this run; undefined: polling. */
  readonly fanOut: string | undefined;
  readonly follow: boolean;
  readonly count: number | undefined;
  readonly durationMs: number | undefined;
  /** Records that arrived from then on (epoch milliseconds) are left out. */
  readonly untilMs: number | undefined;
  readonly format: 'text' | 'ndjson' | 'raw';
  readonly output: string | undefined;
  readonly quiet: boolean;
}

/**
 * Decides a tail from what the user gave. Throws a KloadError (usage) for values that do not fit, alone or together.
 *
 * @param stream its name or ARN
 * @param nowMs  what relative times are counted from, epoch milliseconds
 */
export function planTail(
  stream: string,
  given: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
  nowMs: number,
): TailPlan {
  const values = parseOptions(TAIL_OPTIONS, given, env);
  const isArn = stream.startsWith('arn:');
  const shards = [...new Set(values.shard.map(shardIdOf))];
  const fromText = values.from ?? (values.follow && values.until === undefined ? 'latest' : 'trim-horizon');
  const from = fromOf(fromText, shards, nowMs);
  const untilMs = values.until === undefined ? undefined : momentOf('--until', values.until, nowMs);
  checkRange(values, from, untilMs);
  return {
    stream: isArn ? { StreamARN: stream } : { StreamName: stream },
    region: values.region ?? (isArn ? regionOfArn(stream) : undefined),
    profile: values.profile,
    endpoint: values.endpointUrl,
    targetTimeoutMs: values.targetTimeout,
    from,
    fromText,
    shards,
    fanOut: values.fanOut,
    follow: values.follow,
    count: values.count,
    durationMs: values.duration,
    untilMs,
    format: values.format ?? (/\.(ndjson|jsonl)$/.test(values.output ?? '') ? 'ndjson' : 'text'),
    output: values.output,
    quiet: values.quiet,
  };
}

function fromOf(text: string, shards: readonly string[], nowMs: number): TailFrom {
  const name = text.toLowerCase().replaceAll('_', '-');
  if (name === 'latest' || name === 'trim-horizon') return { kind: name };
  if (/^\d+$/.test(text)) {
    if (shards.length === 1) return { kind: 'sequence-number', sequenceNumber: text };
    throw new KloadError(
      'usage',
      '--from with a sequence number needs one --shard',
      'a sequence number stands for a place in one shard: add --shard ID',
    );
  }
  const atMs = momentOf('--from', text, nowMs);
  if (atMs <= nowMs) return { kind: 'time', atMs };
  throw new KloadError('usage', `--from ${text} lies in the future`, 'leave it out to read from now on');
}

function momentOf(flag: string, text: string, nowMs: number): number {
  const moment = parseMoment(text)?.(nowMs);
  if (moment !== undefined) return moment;
  const names = flag === '--from' ? 'latest, trim-horizon, ' : '';
  throw new KloadError(
    'usage',
    `${flag} takes ${names}a time with its offset (2026-01-02T03:04:05Z) or how long ago (-5m, -2h, -1d), not '${text}'`,
  );
}

/** Throws for a tail that could never have anything to read. */
function checkRange({ from: given, follow, until }: TailValues, from: TailFrom, untilMs: number | undefined): void {
  if (from.kind === 'latest' && !follow) {
    throw new KloadError('usage', '--no-follow has nothing to read from latest', 'say where to begin: --from -5m');
  }
  if (from.kind === 'time' && untilMs !== undefined && untilMs <= from.atMs) {
    throw new KloadError('usage', `--until ${until} does not lie after --from ${given}`);
  }
}

/** A shard's id in full; kload itself shows its number alone. */
function shardIdOf(text: string): string {
  if (/^\d{1,12}$/.test(text)) return `shardId-${text.padStart(12, '0')}`;
  if (/^[a-zA-Z0-9_.-]{1,128}$/.test(text)) return text;
  throw new KloadError('usage', `--shard takes the id of a shard (shardId-000000000003, or 3), not '${text}'`);
}
