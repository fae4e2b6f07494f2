import { parseArn } from '../protocol/arn.js';
import { list, string, structure } from '../protocol/shape.js';
import type { Accounts } from '../store/accounts.js';
import { hashKeyOf, parseHashKey } from '../store/hash-key.js';
import { readShardIterator, type ShardIterator } from '../store/shard-iterator.js';
import type { Stream } from '../store/stream.js';
import type { Exchange } from '../wire/exchange.js';
import type { FaultTarget } from './fault-action.js';

const TEXT = string({});

/** The members of all operations' requests that name streams and shards. */
const NAMING = structure({
  StreamName: TEXT,
  StreamARN: TEXT,
  ResourceARN: TEXT,
  ConsumerARN: TEXT,
  StreamId: TEXT,
  ShardIterator: TEXT,
  ShardId: TEXT,
  ShardToSplit: TEXT,
  ShardToMerge: TEXT,
  AdjacentShardToMerge: TEXT,
  PartitionKey: TEXT,
  ExplicitHashKey: TEXT,
  Records: list(structure({ PartitionKey: TEXT, ExplicitHashKey: TEXT }), { min: 0, max: Number.POSITIVE_INFINITY }),
});

interface RecordNaming {
  readonly PartitionKey?: string;
  readonly ExplicitHashKey?: string;
}

type Naming = RecordNaming & {
  readonly [Name in Exclude<keyof (typeof NAMING)['members'], 'Records' | keyof RecordNaming>]?: string;
} & { readonly Records?: readonly RecordNaming[] };

/** Reads a request on first use, and once. An invalid request has no stream and no shards. */
export class RequestTarget implements FaultTarget {
  readonly operation: string;
  readonly account: string;
  readonly region: string;
  readonly #exchange: Exchange;
  readonly #accounts: Accounts;
  readonly #now: number;
  #naming: Naming | undefined;
  #iterator: ShardIterator | undefined;
  #shards: readonly string[] | undefined;

  constructor(exchange: Exchange, accounts: Accounts, now: number) {
    this.operation = exchange.operation;
    this.account = exchange.caller.account;
    this.region = exchange.caller.region;
    this.#exchange = exchange;
    this.#accounts = accounts;
    this.#now = now;
  }

  get stream(): FaultTarget['stream'] {
    const { StreamName: name, StreamARN, ResourceARN, ConsumerARN, StreamId } = this.#read();
    const arn = StreamARN ?? this.#iterator?.streamArn ?? ConsumerARN ?? ResourceARN;
    if (arn !== undefined) return streamOf(arn);
    const { account, region } = this;
    if (name !== undefined) return { name, account, region };
    const found = StreamId === undefined ? undefined : this.#found();
    return found && { name: found.name, account, region };
  }

  get shards(): readonly string[] {
    this.#shards ??= attempt(() => this.#findShards()) ?? [];
    return this.#shards;
  }

  #findShards(): readonly string[] {
    const { PartitionKey, Records, ShardId, ShardToSplit, ShardToMerge, AdjacentShardToMerge } = this.#read();
    const stream = this.#found();
    if (stream === undefined || stream.status === 'CREATING') return [];
    if (this.#iterator !== undefined) return [this.#iterator.shardId];
    if (Records !== undefined) return [...new Set(Records.map((record) => shardOf(stream, record)))];
    if (PartitionKey !== undefined) return [shardOf(stream, this.#read())];
    const named = [ShardId, ShardToSplit, ShardToMerge, AdjacentShardToMerge];
    return named.filter((id) => id !== undefined).map((id) => stream.shard(id).id);
  }

  #found(): Stream | undefined {
    const { StreamName, StreamARN, ResourceARN, ConsumerARN, StreamId } = this.#read();
    const arn = StreamARN ?? this.#iterator?.streamArn ?? (ConsumerARN ?? ResourceARN)?.replace(/\/consumer\/.*/, '');
    const reference = arn === undefined ? { StreamName, StreamId } : { StreamARN: arn };
    return attempt(() => this.#accounts.stream(this.#exchange.caller, reference, this.#now));
  }

  #read(): Naming {
    if (this.#naming !== undefined) return this.#naming;
    const { format, request } = this.#exchange;
    // What was read by the shape NAMING has the type Naming.
    const naming: Naming = attempt(() => format.read(NAMING, request.body) as Naming) ?? {};
    this.#naming = naming;
    this.#iterator =
      attempt(() => naming.ShardIterator && readShardIterator(naming.ShardIterator, this.#now)) || undefined;
    return naming;
  }
}

function shardOf(stream: Stream, { PartitionKey: key = '', ExplicitHashKey: explicit }: RecordNaming): string {
  const hashKey = explicit === undefined ? hashKeyOf(key) : parseHashKey(explicit);
  return hashKey === undefined ? '' : stream.shardFor(hashKey).id;
}

function streamOf(arn: string): FaultTarget['stream'] {
  const { streamName: name, account, region } = parseArn(arn);
  return name === undefined ? undefined : { name, account, region };
}

/** Undefined if `find` throws: an invalid request is refused later, when it is handled. */
function attempt<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
