import type { Caller } from '../protocol/caller.js';
import { ServiceError } from '../protocol/service-error.js';
import { SegmentPool } from './segment-pool.js';
import { Stream, type StreamMode } from './stream.js';

export interface WorldSettings {
  /** Whether the service's limits per shard are in force. */
  readonly limits: boolean;
  /** How long a stream made by a request stays CREATING, milliseconds. */
  readonly createDelayMs: number;
  /** Bytes of memory that all records together may take. */
  readonly memoryMaxBytes: number;
}

export interface NewStream {
  readonly name: string;
  readonly mode: StreamMode;
  readonly shardCount: number;
  readonly maxRecordSizeInKiB: number;
  readonly tags: ReadonlyMap<string, string>;
}

/** How a request may name a stream. */
export interface StreamReference {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
  readonly StreamId?: string | undefined;
}

/** What all streams of an account in a region may have together. */
const SHARDS_MAX = 20_000;

/** Everything that the emulator holds: the streams of each account in each region. */
export class World {
  readonly #settings: WorldSettings;
  readonly #pool: SegmentPool;
  /** By account and region, then by name. */
  readonly #regions = new Map<string, Map<string, Stream>>();

  constructor(settings: WorldSettings) {
    this.#settings = settings;
    this.#pool = new SegmentPool(settings.memoryMaxBytes);
  }

  /** The caller's streams, sorted by name. */
  streams(caller: Caller): Stream[] {
    return [...(this.#region(caller)?.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * @param activeAtMs when it stops being CREATING, epoch milliseconds
   * Throws a ResourceInUseException where it exists, a LimitExceededException where it would have too many shards.
   */
  createStream(
    caller: Caller,
    stream: NewStream,
    now: number,
    activeAtMs = now + this.#settings.createDelayMs,
  ): Stream {
    const { account, region } = caller;
    const streams = this.#region(caller) ?? new Map<string, Stream>();
    if (streams.has(stream.name)) {
      throw new ServiceError(
        'ResourceInUseException',
        `Stream ${stream.name} under account ${account} already exists.`,
      );
    }
    const shards = [...streams.values()].reduce((sum, { shards }) => sum + shards.length, 0);
    if (shards + stream.shardCount > SHARDS_MAX) {
      throw new ServiceError(
        'LimitExceededException',
        `This request would exceed the shard limit for the account ${account} in ${region}. ` +
          `Current shard count for the account: ${shards}. Limit: ${SHARDS_MAX}. ` +
          `Number of additional shards that would have resulted from this request: ${stream.shardCount}.`,
      );
    }
    const { limits } = this.#settings;
    const created = new Stream({ ...stream, account, region, pool: this.#pool, limits, createdAtMs: now, activeAtMs });
    this.#regions.set(regionKey(caller), streams.set(created.name, created));
    return created;
  }

  /** Throws a ResourceNotFoundException where there is none, an InvalidArgumentException where none is named. */
  stream(caller: Caller, reference: StreamReference): Stream {
    const { StreamName: name, StreamARN: arn, StreamId: id } = reference;
    if (arn !== undefined) return this.#streamByArn(arn, name);
    if (name !== undefined) return this.#streamByName(caller, name);
    if (id !== undefined) return this.#streamById(caller, id);
    throw new ServiceError('InvalidArgumentException', 'Either StreamName, StreamARN or StreamId should be provided.');
  }

  /**
   * The very stream that a token was made for: one of the same name that was made later is another.
   * Throws a ResourceNotFoundException.
   */
  sameStream(arn: string, id: string): Stream {
    const stream = this.#streamByArn(arn, undefined);
    return stream.id === id ? stream : notFound(`Stream ${arn} not found.`);
  }

  deleteStream(caller: Caller, reference: StreamReference): void {
    const stream = this.stream(caller, reference);
    stream.clear();
    for (const streams of this.#regions.values()) {
      if (streams.get(stream.name) === stream) streams.delete(stream.name);
    }
  }

  #streamByName(caller: Caller, name: string): Stream {
    const found = this.#region(caller)?.get(name);
    return found ?? notFound(`Stream ${name} under account ${caller.account} not found.`);
  }

  #streamById(caller: Caller, id: string): Stream {
    const found = this.streams(caller).find((stream) => stream.id === id);
    return found ?? notFound(`Stream with id ${id} under account ${caller.account} not found.`);
  }

  /** An ARN names its account and region itself. */
  #streamByArn(arn: string, name: string | undefined): Stream {
    const [, , , region = '', account = '', resource = ''] = arn.split(':');
    const nameInArn = resource.slice('stream/'.length);
    if (name !== undefined && name !== nameInArn) {
      throw new ServiceError(
        'InvalidArgumentException',
        `StreamName ${name} and StreamARN ${arn} name different streams.`,
      );
    }
    return this.#streamByName({ account, region }, nameInArn);
  }

  #region(caller: Caller): Map<string, Stream> | undefined {
    return this.#regions.get(regionKey(caller));
  }
}

function regionKey({ account, region }: Caller): string {
  return `${account}/${region}`;
}

function notFound(message: string): never {
  throw new ServiceError('ResourceNotFoundException', message);
}
