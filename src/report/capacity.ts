import { KINESIS_LIMITS } from '../core/limits.js';
import type { Asked, CapacityReport, HotKey, TargetReport } from '../core/report.js';
import type { ShardCounts } from '../core/snapshot.js';
import { formatBytes, formatPercent, formatRate, formatRecordRate } from '../core/units.js';
import { shardsText } from '../target/kind.js';

const { shardRecordsPerSecond, shardBytesPerSecond } = KINESIS_LIMITS;
/** The headroom that a stream should have, as a share of the rate. */
const TO_SPARE = 0.2;
/** A shard is uneven if it has more than this many times its share of the records. */
const UNEVEN_MIN = 1.2;
/**
 * A shard is uneven only if it would be with so many standard deviations fewer records: small counts vary by chance.
 */
const CHANCE_DEVIATIONS = 4;
/** A key with this share of its shard's refusals is the reason why the shard is full. */
const HOT_KEY_SHARE_MIN = 0.5;
/** A shard with more than this share of the records has nearly all keys: how they spread over others is unknown. */
const ONE_SHARD_SHARE = 0.9;
const KEY_CHARS_SHOWN = 40;

/** What a run sent so far. */
export interface CapacityTotals {
  readonly sent: number;
  readonly bytesSent: number;
  readonly shards: ReadonlyMap<string, Readonly<ShardCounts>>;
  /** The keys that were refused most often. */
  readonly refusedKeys: readonly HotKey[];
}

/**
 * How many shards the rate needs, and whether more shards help.
 *
 * @param asked null: as many records as the target takes
 * @returns undefined if the target's shards have no limits, nothing was sent yet, or no rate was asked for. Also if
 *   responses name more shards than the stream had: then it was resharded, and the number of shards is unknown
 */
export function capacityOf(
  target: TargetReport,
  asked: Asked | null,
  totals: CapacityTotals,
): CapacityReport | undefined {
  const { sent, bytesSent, shards } = totals;
  if (!target.limits || asked === null || sent === 0 || shards.size > target.shards) return undefined;
  const recordBytes = bytesSent / sent;
  const askedPerSecond = asked.recordsPerSecond;
  const byRecords = askedPerSecond / shardRecordsPerSecond;
  const byBytes = (askedPerSecond * recordBytes) / shardBytesPerSecond;
  const load = Math.max(byRecords, byBytes);

  const [id, hottest] = hottestOf(totals);
  const share = hottest.sent / sent;
  const beyondChance = hottest.sent - CHANCE_DEVIATIONS * Math.sqrt(hottest.sent);
  const isUneven = (beyondChance / sent) * target.shards > UNEVEN_MIN && load * share > 1;
  const hotKey = isUneven ? hotKeyOf(totals, id, hottest) : undefined;
  const hotKeyLoad = hotKey === undefined ? 0 : load * share * hotKey.share;
  // More shards divide the load of an uneven shard, but not that of one key, or of keys with nearly the same hash.
  const isOneShard = isUneven && share > ONE_SHARD_SHARE;
  const toDivide = isUneven && !isOneShard && hotKey === undefined ? load * share * target.shards : load;
  const shardsNeeded = shardsFor(toDivide);
  return {
    shards: target.shards,
    limit: byBytes > byRecords ? 'bytes' : 'records',
    ...asked,
    recordBytes,
    enough: shardsNeeded <= target.shards && hotKeyLoad <= 1 && !isOneShard,
    shardsNeeded,
    shardsToSpare: shardsFor(toDivide * (1 + TO_SPARE)),
    hottest: isUneven ? { shard: id, share } : null,
    hotKey: hotKey === undefined ? null : { key: hotKey.key, isHashKey: hotKey.isHashKey, load: hotKeyLoad },
  };
}

/** A rounding error must not add a shard. */
function shardsFor(load: number): number {
  return Math.max(1, Math.ceil(load - 1e-6));
}

function hottestOf({ shards }: CapacityTotals): [string, Readonly<ShardCounts>] {
  let hottest: [string, Readonly<ShardCounts>] = ['', { sent: 0, bytes: 0, throttled: 0 }];
  for (const entry of shards) if (entry[1].sent > hottest[1].sent) hottest = entry;
  return hottest;
}

/** Refusals hit all keys alike: a key's share of them is its share of what the shard is offered. */
function hotKeyOf(
  { refusedKeys }: CapacityTotals,
  shard: string,
  { throttled }: Readonly<ShardCounts>,
): { key: string; isHashKey: boolean; share: number } | undefined {
  const keys = refusedKeys.filter((one) => one.shard === shard);
  const none: HotKey = { key: '', isHashKey: false, shard, refused: 0 };
  const { key, isHashKey, refused } = keys.reduce((a, b) => (b.refused > a.refused ? b : a), none);
  const share = throttled === 0 ? 0 : refused / throttled;
  return share < HOT_KEY_SHARE_MIN ? undefined : { key, isHashKey, share };
}

/** Why the stream cannot take the rate, in one line; undefined: it can. */
export function shortageText(capacity: CapacityReport | null): string | undefined {
  if (capacity === null || capacity.enough) return undefined;
  return capacityLines(capacity)[capacity.shardsNeeded > capacity.shards && capacity.hotKey === null ? 0 : 1];
}

/**
 * '2 shards take 2,000 records/s; 5,000 are asked for: 5 shards are needed (6 with 20 % to spare)', and a line about an
 * uneven shard or key.
 */
export function capacityLines(capacity: CapacityReport): string[] {
  const { shards, shardsNeeded, shardsToSpare, hottest, hotKey } = capacity;
  const spare = `${shardsToSpare} with ${100 * TO_SPARE} % to spare`;
  const needed = `${shardsText({ shard: 'shard' }, shardsNeeded)} ${shardsNeeded === 1 ? 'is' : 'are'} needed (${spare})`;
  const but = hotKey !== null ? ', but for one key' : hottest !== null ? ', but for one shard' : '';
  const verdict = shardsNeeded > shards ? needed : `enough${but} (${spare})`;
  const lines = [
    `${shardsText({ shard: 'shard' }, shards)} ${shards === 1 ? 'takes' : 'take'} ${takenText(capacity)}: ${verdict}`,
  ];
  if (hotKey !== null) {
    const helps =
      hotKey.load > 1 ? 'no number of shards helps: spread its records over more keys' : 'it fills most of its shard';
    const name = `${hotKey.isHashKey ? 'explicit hash key' : 'key'} '${shortened(hotKey.key)}'`;
    lines.push(`${name} alone asks for ${formatRate(hotKey.load * 100)} % of a shard: ${helps}`);
  } else if (hottest !== null) {
    const split = hottest.share > ONE_SHARD_SHARE ? '' : 'split it, or ';
    lines.push(`${hottest.shard} gets ${formatPercent(hottest.share)} of the records: ${split}spread the keys`);
  }
  return lines;
}

/** '2,000 records/s; 5,000 are asked for', or the same in bytes if bytes fill the shards first. */
function takenText({ shards, limit, recordsPerSecond, isPeak, recordBytes }: CapacityReport): string {
  const asked = isPeak ? 'are due in the busiest second' : 'are asked for';
  if (limit === 'records') {
    return `${formatRecordRate(shards * shardRecordsPerSecond)}; ${formatRate(recordsPerSecond)} ${asked}`;
  }
  const bytes = formatBytes(recordsPerSecond * recordBytes);
  const taken = formatBytes(shards * shardBytesPerSecond);
  return `${taken}/s; ${bytes}/s ${asked} (${formatRecordRate(recordsPerSecond)})`;
}

function shortened(key: string): string {
  return key.length <= KEY_CHARS_SHOWN ? key : `${key.slice(0, KEY_CHARS_SHOWN - 1)}…`;
}
