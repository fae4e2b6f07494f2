import { CallRates } from '../limits/call-rates.js';
import type { Limits } from '../limits/limits.js';
import type { Caller } from '../protocol/caller.js';
import { invalidArgument, limitExceeded, resourceInUse, resourceNotFound } from '../protocol/service-error.js';
import type { LogStorage } from './durable-log.js';
import { type NewStream, newStreamState } from './new-stream.js';
import { SegmentPool } from './segment-pool.js';
import { type Delays, Stream, type StreamContext } from './stream.js';
import type { AccountState, AccountsState, StreamState } from './stream-state.js';

export interface AccountsSettings {
  readonly limits: Limits;
  readonly delays: Delays;
  /** Whether on-demand streams split and merge their shards as their traffic changes. */
  readonly onDemandScaling: boolean;
  /** Bytes of memory that all records together may use. */
  readonly memoryMaxBytes: number;
  /** Called whenever records are dropped to stay within `memoryMaxBytes`. */
  readonly dropped?: (() => void) | undefined;
  /** Keeps the records on disk. Default: they are in memory only. */
  readonly storage?: LogStorage | undefined;
  /** Notified of all changes except those to records. */
  readonly listener?: AccountsListener | undefined;
}

/** Persists the state of streams and accounts. Called after each change, before the response to its request is sent. */
export interface AccountsListener {
  /** A stream was created, or its state has changed. */
  streamChanged(state: Readonly<StreamState>): void;
  /** A stream is gone, with all its records. */
  streamDeleted(state: Readonly<StreamState>): void;
  accountChanged(state: Readonly<AccountState>): void;
}

/** The ways in which a request may name a stream. */
export interface StreamReference {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
  readonly StreamId?: string | undefined;
}

/** One account in one region, which shares nothing with any other. */
interface Region {
  readonly account: AccountState;
  /** By name. */
  readonly streams: Map<string, Stream>;
}

/** Everything that the emulator holds: the streams of each account in each region. */
export class Accounts {
  readonly limits: Limits;
  readonly callRates: CallRates;
  readonly delays: Delays;
  readonly #listener: AccountsListener | undefined;
  readonly #context: StreamContext;
  /** By account and region. */
  readonly #regions = new Map<string, Region>();

  /** @param saved the state that the listener last persisted; owned by this object from now on */
  constructor(settings: AccountsSettings, saved: AccountsState = { accounts: [], streams: [] }) {
    const { storage, limits, delays, onDemandScaling, listener } = settings;
    this.limits = limits;
    this.callRates = new CallRates(limits);
    this.delays = delays;
    this.#listener = listener;
    this.#context = {
      pool: new SegmentPool(settings.memoryMaxBytes, settings.dropped),
      storage,
      limits,
      onDemandScaling,
      delays,
      changed: ({ state }) => listener?.streamChanged(state),
    };
    for (const account of saved.accounts) this.#regions.set(regionKey(account), { account, streams: new Map() });
    for (const state of saved.streams) this.#region(state).streams.set(state.name, new Stream(state, this.#context));
  }

  /** The caller's streams, sorted by name. */
  streams(caller: Caller, now: number): Stream[] {
    const streams = [...(this.#regions.get(regionKey(caller))?.streams.values() ?? [])];
    return streams.filter((stream) => this.#settleOrRemove(stream, now)).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The streams of all accounts in all regions. */
  allStreams(now: number): Stream[] {
    return [...this.#regions.values()].flatMap(({ account }) => this.streams(account, now));
  }

  /** How much memory the records use, and how many were dropped. */
  get memory(): Pick<SegmentPool, 'bytes' | 'bytesMax' | 'droppedRecords'> {
    return this.#context.pool;
  }

  /** The settings of the caller's account in the caller's region. */
  account(caller: Caller): Readonly<AccountState> {
    const { account, region } = caller;
    return this.#regions.get(regionKey(caller))?.account ?? { account, region };
  }

  /**
   * The only way to change an account's state.
   * Throws a LimitExceededException if the account has no settings yet and the maximum number of accounts has some.
   */
  updateAccount(caller: Caller, change: (state: AccountState) => void): void {
    if (!holdsSettings(this.account(caller))) this.#checkSettings(caller);
    const { account } = this.#region(caller);
    change(account);
    this.#listener?.accountChanged(account);
  }

  /**
   * Throws a ResourceInUseException if the stream exists, and a LimitExceededException if the account has too many
   * streams in transition, on-demand streams or shards.
   * @param activeAtMs when it stops being CREATING, epoch milliseconds
   */
  createStream(caller: Caller, stream: NewStream, now: number, activeAtMs = now + this.delays.createMs): Stream {
    if (this.streams(caller, now).some(({ name }) => name === stream.name)) {
      throw resourceInUse(`Stream ${stream.name} under account ${caller.account} already exists.`);
    }
    this.#checkTransitions(caller, now);
    if (stream.mode === 'ON_DEMAND') this.checkOnDemandStreams(caller, now);
    this.checkShards(caller, stream.shardCount, now);
    const created = new Stream(newStreamState(caller, stream, now, activeAtMs), this.#context);
    this.#region(caller).streams.set(created.name, created);
    this.#context.changed(created);
    created.settle(now);
    return created;
  }

  /** Throws a LimitExceededException if `additional` more open shards would exceed the account's limit. */
  checkShards(caller: Caller, additional: number, now: number): void {
    const shards = this.streams(caller, now).reduce((sum, { openShardCount }) => sum + openShardCount, 0);
    const { shardsPerAccount, shardsInAll } = this.limits;
    const left = Math.min(shardsPerAccount - shards, shardsInAll - this.#openShards());
    if (additional <= left) return;
    throw limitExceeded(
      `This request would exceed the shard limit for the account ${caller.account} in ${caller.region}. ` +
        `Current shard count for the account: ${shards}. Limit: ${Math.min(shardsPerAccount, shards + left)}. ` +
        `Number of additional shards that would have resulted from this request: ${additional}. ` +
        'Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) ' +
        'for current limits and how to request higher limits.',
    );
  }

  #checkSettings(caller: Caller): void {
    const { accountSettings } = this.limits;
    const count = [...this.#regions.values()].filter(({ account }) => holdsSettings(account)).length;
    if (count < accountSettings) return;
    throw limitExceeded(
      `The emulator keeps the settings of ${accountSettings} accounts and regions at most, and has no room for those ` +
        `of account ${caller.account} in ${caller.region}: raise its limit accountSettings.`,
    );
  }

  /** Of all accounts and regions. */
  #openShards(): number {
    let shards = 0;
    for (const { streams } of this.#regions.values()) {
      for (const { openShardCount } of streams.values()) shards += openShardCount;
    }
    return shards;
  }

  /** Throws a LimitExceededException if one more on-demand stream would exceed the account's limit. */
  checkOnDemandStreams(caller: Caller, now: number): void {
    const count = this.streams(caller, now).filter(({ state }) => state.mode === 'ON_DEMAND').length;
    const { onDemandStreams } = this.limits;
    if (count < onDemandStreams) return;
    throw limitExceeded(
      `This request would exceed the limit on the number of On-Demand streams for the account ${caller.account} ` +
        `in ${caller.region}. Current On-Demand streams count: ${count}. Limit: ${onDemandStreams}.`,
    );
  }

  #checkTransitions(caller: Caller, now: number): void {
    const inTransition = ({ status }: Stream) => status === 'CREATING' || status === 'DELETING';
    const count = this.streams(caller, now).filter(inTransition).length;
    const { streamsInTransition } = this.limits;
    if (count < streamsInTransition) return;
    throw limitExceeded(
      'This request would have exceed the limit on the number  of streams that can simultaneously be in CREATING or ' +
        `DELETING for the account ${caller.account}. Limit: ${streamsInTransition}.`,
    );
  }

  /**
   * The stream as it is now.
   * Throws a ResourceNotFoundException if it does not exist, an InvalidArgumentException if the reference names none.
   */
  stream(caller: Caller, reference: StreamReference, now: number): Stream {
    const { StreamName: name, StreamARN: arn, StreamId: id } = reference;
    if (arn !== undefined) return this.#streamByArn(arn, name, now, caller);
    if (name !== undefined) return this.#streamByName(caller, name, now);
    if (id !== undefined) return this.#streamById(caller, id, now);
    throw invalidArgument('Either StreamName, StreamARN or StreamId should be provided.');
  }

  /**
   * The stream that a token was issued for, as it is now.
   * Throws a ResourceNotFoundException if it is gone, even if there is a newer stream with the same name.
   */
  sameStream(arn: string, id: string, now: number): Stream {
    const stream = this.#streamByArn(arn, undefined, now);
    return stream.id === id ? stream : notFound(`Stream ${stream.name} under account ${stream.account} not found.`);
  }

  /** Begins to delete it. It is gone after the delete delay. */
  deleteStream(stream: Stream, now: number): void {
    stream.beginDelete(now);
    this.#settleOrRemove(stream, now);
  }

  /** Applies the stream's changes that are due. If its deletion is due, removes it and returns false. */
  #settleOrRemove(stream: Stream, now: number): boolean {
    if (stream.isGone(now)) {
      const key = regionKey(stream.state);
      const region = this.#regions.get(key);
      if (region?.streams.get(stream.name) !== stream) return false;
      region.streams.delete(stream.name);
      if (region.streams.size === 0 && !holdsSettings(region.account)) this.#regions.delete(key);
      stream.clear();
      this.#listener?.streamDeleted(stream.state);
      return false;
    }
    stream.settle(now);
    return true;
  }

  #streamByName(caller: Caller, name: string, now: number): Stream {
    const found = this.#regions.get(regionKey(caller))?.streams.get(name);
    if (found !== undefined && this.#settleOrRemove(found, now)) return found;
    return notFound(`Stream ${name} under account ${caller.account} not found.`);
  }

  #streamById(caller: Caller, id: string, now: number): Stream {
    const found = this.streams(caller, now).find((stream) => stream.id === id);
    return found ?? notFound(`Stream with id ${id} under account ${caller.account} not found.`);
  }

  /**
   * An ARN names its account and region. The account may be another than the caller's, the region may not.
   * @param caller undefined if the ARN comes from a token that the emulator issued
   */
  #streamByArn(arn: string, name: string | undefined, now: number, caller?: Caller): Stream {
    const [, , , region = '', account = '', resource = ''] = arn.split(':');
    const nameInArn = resource.slice('stream/'.length);
    if (name !== undefined && name !== nameInArn) {
      throw invalidArgument(`StreamName ${name} and StreamARN ${arn} name different streams.`);
    }
    if (caller !== undefined && caller.region !== region) {
      return notFound(`Stream ${nameInArn} under account ${account} not found.`);
    }
    return this.#streamByName({ account, region }, nameInArn, now);
  }

  /** Creates the region if needed. Called only for changes, so that read requests for many regions use no memory. */
  #region({ account, region }: Caller): Region {
    const key = regionKey({ account, region });
    const found = this.#regions.get(key) ?? { account: { account, region }, streams: new Map<string, Stream>() };
    this.#regions.set(key, found);
    return found;
  }
}

/** Whether an account has settings that must be kept. */
function holdsSettings({ billingCommitment }: Readonly<AccountState>): boolean {
  return billingCommitment !== undefined;
}

/** Identifies an account in a region. */
export function regionKey({ account, region }: Caller): string {
  return `${account}/${region}`;
}

function notFound(message: string): never {
  throw resourceNotFound(message);
}
