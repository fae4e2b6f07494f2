import { randomInt } from 'node:crypto';
import { ServiceError } from '../protocol/service-error.js';
import { evenRanges, type HashKey } from './hash-key.js';
import type { SegmentPool } from './segment-pool.js';
import { Shard, shardIdOf, shardIndexOf } from './shard.js';

export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';
export type StreamStatus = 'CREATING' | 'ACTIVE';

export interface StreamSettings {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly mode: StreamMode;
  readonly shardCount: number;
  readonly maxRecordSizeInKiB: number;
  readonly tags: ReadonlyMap<string, string>;
  readonly pool: SegmentPool;
  /** Whether the service's limits per shard are in force. */
  readonly limits: boolean;
  /** Epoch milliseconds. */
  readonly createdAtMs: number;
  /** When it stops being CREATING, epoch milliseconds. */
  readonly activeAtMs: number;
}

const RETENTION_HOURS = 24;

export class Stream {
  readonly name: string;
  readonly account: string;
  readonly arn: string;
  readonly id = randomStreamId();
  readonly mode: StreamMode;
  readonly retentionHours = RETENTION_HOURS;
  readonly maxRecordSizeInKiB: number;
  readonly tags: ReadonlyMap<string, string>;
  readonly createdAtMs: number;
  readonly shards: readonly Shard[];
  readonly #activeAtMs: number;
  #active: boolean;

  constructor(settings: StreamSettings) {
    const { name, account, region, pool, limits, createdAtMs } = settings;
    this.name = name;
    this.account = account;
    this.arn = `arn:aws:kinesis:${region}:${account}:stream/${name}`;
    this.mode = settings.mode;
    this.maxRecordSizeInKiB = settings.maxRecordSizeInKiB;
    this.tags = settings.tags;
    this.createdAtMs = createdAtMs;
    this.#activeAtMs = settings.activeAtMs;
    this.#active = settings.activeAtMs <= createdAtMs;
    const retentionMs = this.retentionHours * 3_600_000;
    this.shards = evenRanges(settings.shardCount).map(
      (range, index) => new Shard({ index, range, pool, limits, retentionMs, createdAtMs }),
    );
  }

  status(now: number): StreamStatus {
    // Once active it stays so, also when the clock is set back.
    this.#active ||= now >= this.#activeAtMs;
    return this.#active ? 'ACTIVE' : 'CREATING';
  }

  /** The shard that takes records with this hash key. */
  shardFor(hashKey: HashKey): Shard {
    let low = 0;
    let high = this.shards.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.shards[middle]!.endKey < hashKey) low = middle + 1;
      else high = middle;
    }
    return this.shards[low]!;
  }

  /** Throws a ResourceNotFoundException. */
  shard(shardId: string): Shard {
    const index = shardIndexOf(shardId);
    if (index === undefined) {
      throw new ServiceError('ResourceNotFoundException', `Could not find shard ${shardId} in ${this.description}.`);
    }
    const shard = this.shards[index];
    if (shard === undefined) {
      throw new ServiceError(
        'ResourceNotFoundException',
        `Shard ${shardIdOf(index)} in ${this.description} does not exist`,
      );
    }
    return shard;
  }

  /** How the service's messages name it. */
  get description(): string {
    return `stream ${this.name} under account ${this.account}`;
  }

  /** What the service says of a record, or a read, that is over a shard's limit. */
  rateExceeded(shard: Shard): string {
    return `Rate exceeded for shard ${shard.id} in ${this.description}.`;
  }

  /** Lets go of all records. */
  clear(): void {
    for (const shard of this.shards) shard.clear();
  }
}

/** Twenty letters and digits, a hyphen, and three more. */
function randomStreamId(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  const text = (length: number) => Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
  return `${text(20)}-${text(3)}`;
}
