import { OPERATIONS } from './actions/index.js';
import type { DiskStore, SyncPolicy } from './disk/disk-store.js';
import { SUBSCRIPTION_TIMES, type SubscriptionTimes } from './fan-out/subscription-times.js';
import { Subscriptions } from './fan-out/subscriptions.js';
import { addFaultRoutes } from './faults/control.js';
import { Faults } from './faults/faults.js';
import { faultHook } from './faults/hook.js';
import { parseFault } from './faults/parse-fault.js';
import { type LimitsSetting, limitsOf } from './limits/limits.js';
import { Observer } from './observe/observer.js';
import type { LogOptions } from './observe/request-log.js';
import type { Caller } from './protocol/caller.js';
import { readCredentials } from './protocol/credentials.js';
import { CREATE_STREAM_INPUT } from './protocol/shapes.js';
import { verifySignature } from './protocol/signature.js';
import { validate } from './protocol/validation.js';
import { Accounts } from './store/accounts.js';
import { onDemandShards } from './store/on-demand.js';
import type { StreamMode } from './store/stream-state.js';
import { Access } from './wire/access.js';
import type { WireRequest } from './wire/exchange.js';
import type { Hooks } from './wire/hooks.js';
import { Routes } from './wire/routes.js';
import { WireServer } from './wire/server.js';
import { Service } from './wire/service.js';
import { TlsDoor } from './wire/tls-door.js';

/** A stream to begin with: of so many shards, or one that has as many as its traffic needs. */
export type NewStreamOptions = { readonly name: string } & (
  | { readonly shards: number; readonly mode?: 'PROVISIONED' }
  | { readonly mode: 'ON_DEMAND' }
);

export interface EmulatorOptions {
  /** Address to listen at; '127.0.0.1' unless given. */
  readonly host?: string;
  /** 0, the default, takes any free one. */
  readonly port?: number;
  /**
   * The service's limits: all in force (true, the default), off but for those that bound memory (false), scaled (a
   * factor), or set by the names of the table, those that are not named as the service has them.
   */
  readonly limits?: LimitsSetting;
  /** Streams that are there, and ACTIVE, from the start. */
  readonly streams?: readonly NewStreamOptions[];
  /** Twelve digits: the account of `streams`, and of callers whose access key is no account; '000000000000' unless given. */
  readonly account?: string;
  /** The region of `streams`, and of callers whose credentials name none; 'us-east-1' unless given. */
  readonly region?: string;
  /** How long a stream that a request creates stays CREATING, milliseconds; 0, the default: it is ACTIVE at once. */
  readonly createDelayMs?: number;
  /** How long a stream that a request changes stays UPDATING, milliseconds; 0, the default: it has changed at once. */
  readonly updateDelayMs?: number;
  /** How long a stream that a request deletes stays DELETING, milliseconds; 0, the default: it is gone at once. */
  readonly deleteDelayMs?: number;
  /** Whether on-demand streams split and merge their shards by the traffic that they get; true unless given. */
  readonly onDemandScaling?: boolean;
  /** How long a consumer stays CREATING, and DELETING, milliseconds; 0, the default: not at all. */
  readonly consumerDelayMs?: number;
  /** The times of enhanced fan-out: 5 s between events, 5 min of life, 5 s until one may be taken over unless given. */
  readonly subscriptions?: Partial<SubscriptionTimes>;
  /**
   * Bytes of memory for records, 512 MiB unless given. Beyond it the oldest leave; with a `dataDir` they leave memory
   * alone, and are read from there.
   */
  readonly memoryMaxBytes?: number;
  /**
   * A folder in which everything is kept, so that the next emulator there goes on with it. It is made where it does not
   * exist. Nothing is kept unless given.
   */
  readonly dataDir?: string;
  /**
   * When a write to `dataDir` is acknowledged. 'os', the default: once the operating system has it, so that it outlives
   * the process, however that ends. 'always': once it is on the disk, so that it outlives the machine.
   */
  readonly sync?: SyncPolicy;
  /**
   * Faults from the start, each as `kload emulate --fault` takes it:
   * 'provisioned-throughput-exception:operation=PutRecords,stream=orders,percentage=20'.
   */
  readonly faults?: readonly string[];
  /** A whole number: the same seed, faults and requests give the same hits; 1 unless given. */
  readonly faultSeed?: number;
  /** Whether and how requests are written down; not at all unless given. */
  readonly log?: LogOptions;
  /** In PEM: the certificate for TLS and its key, instead of one that is made for this machine when it is needed. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /**
   * Whose signatures are good: requests that are not signed so are refused as the service refuses them. Any signature is
   * unless given. `sessionToken` belongs to credentials that are good for a while only.
   */
  readonly verifySignatures?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
  /**
   * Origins of web pages that may use the emulator, beside pages on this machine: 'https://console.example.com', or '*'
   * for all. Requests from other pages are refused.
   */
  readonly allowOrigins?: readonly string[];
  /** Names under which `/_kload/` is served, beside localhost and IP addresses. */
  readonly allowHosts?: readonly string[];
  /** Epoch milliseconds; Date.now unless given. For tests of what takes hours. */
  readonly now?: () => number;
}

export interface Emulator {
  readonly port: number;
  /** 'http://127.0.0.1:4567' */
  readonly endpoint: string;
  /** In PEM: the authority behind the certificate that was made, or the certificate that was given. For clients to trust. */
  caCertificate(): Promise<string>;
  /** Ends all connections and stops listening; only what is in a `dataDir` is kept. May be called again. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const MEMORY_MAX_BYTES = 512 * 1024 * 1024;
const RECORD_SIZE_MAX_KIB = 1024;

/**
 * Starts an emulator of Amazon Kinesis Data Streams in this thread; resolves once it listens.
 * Rejects with an Error whose `code` is 'EADDRINUSE' where the port is taken, with whatever else kept it from listening,
 * and where one of `streams`, `limits` or `faults` is not valid; with a DataDirError where `dataDir` cannot be used.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const caller = { account: options.account ?? '000000000000', region: options.region ?? 'us-east-1' };
  const observer = new Observer(options.log ?? { level: 'off' }, options.now ?? Date.now);
  const store = await openStore(options, observer);
  try {
    const accounts = new Accounts(
      {
        limits: limitsOf(options.limits ?? true),
        delays: {
          createMs: options.createDelayMs ?? 0,
          updateMs: options.updateDelayMs ?? 0,
          deleteMs: options.deleteDelayMs ?? 0,
          consumerMs: options.consumerDelayMs ?? 0,
        },
        onDemandScaling: options.onDemandScaling ?? true,
        memoryMaxBytes: options.memoryMaxBytes ?? MEMORY_MAX_BYTES,
        dropped: () => observer.dropped(accounts.memory),
        storage: store,
        listener: store,
      },
      store?.saved,
    );
    store?.removeLeftLogs();
    return await serve({ accounts, store, observer, caller }, options);
  } catch (error) {
    await store?.close();
    throw error;
  }
}

/** What an emulator is made of before it listens. */
interface Parts {
  readonly accounts: Accounts;
  /** Undefined: the world is in memory alone. */
  readonly store: DiskStore | undefined;
  readonly observer: Observer;
  /** Who calls where a request's credentials do not tell. */
  readonly caller: Caller;
}

/** Loaded only where there is a folder: start-up time is what is loaded. */
async function openStore({ dataDir, sync = 'os' }: EmulatorOptions, { log }: Observer): Promise<DiskStore | undefined> {
  if (dataDir === undefined) return undefined;
  const { DiskStore } = await import('./disk/disk-store.js');
  return await DiskStore.open({ folder: dataDir, sync, notice: (message) => log.notice(message) });
}

async function serve({ accounts, store, observer, caller }: Parts, options: EmulatorOptions): Promise<Emulator> {
  const { host = '127.0.0.1', port = 0, now = Date.now } = options;
  for (const stream of options.streams ?? []) {
    const kept = createActiveStream(accounts, caller, stream, Math.floor(now()));
    if (kept !== undefined) observer.log.notice(kept);
  }
  await store?.commit();
  const faults = new Faults(options.faultSeed ?? 1);
  const operations = [...OPERATIONS.keys()];
  for (const text of options.faults ?? []) faults.set(parseFault(text, operations), Math.floor(now()));
  const hooks: Hooks = {
    fault: faultHook(faults, accounts, now),
    ...(store && { durable: () => store.commit() }),
    done: (exchange, outcome) => observer.answered(exchange, outcome, accounts),
  };
  const signer = options.verifySignatures;
  const verify = (request: WireRequest) => {
    if (signer === undefined) return;
    verifySignature(request, readCredentials(request.headers, request.url), signer, Math.floor(now()));
  };
  const routes = new Routes(() => observer.health(accounts), verify);
  addFaultRoutes(routes, faults, operations, now);
  const tls = new TlsDoor(host, caller.region, options.tls);
  routes.add('GET', '/_kload/ca.pem', async () => ({
    status: 200,
    contentType: 'application/x-pem-file',
    body: await tls.caCertificate(),
  }));
  // Nobody waits for the disk there: subscriptions write no records, and states are on it once the commit returns.
  const save = () => void store?.commit();
  const subscriptions = new Subscriptions(now, { ...SUBSCRIPTION_TIMES, ...options.subscriptions }, save);
  const server = new WireServer(new Service({ accounts, subscriptions, caller, now, hooks, signer }), routes, tls, {
    access: new Access(options),
    onCut: (reason) => observer.cut(reason),
  });
  observer.addMetricsRoute(routes, accounts, faults, server);
  const bound = await server.listen(port, host);
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= server
      .close()
      .then(() => store?.close())
      .then(() => observer.log.close());
    return closed;
  };
  const urlHost = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return {
    port: bound.port,
    endpoint: `http://${urlHost}:${bound.port}`,
    caCertificate: () => tls.caCertificate(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** @returns what to tell where one of another shape was kept from the last time: that one stays */
function createActiveStream(
  accounts: Accounts,
  caller: Caller,
  stream: NewStreamOptions,
  now: number,
): string | undefined {
  const { name } = stream;
  const mode = stream.mode ?? 'PROVISIONED';
  const shardCount = 'shards' in stream ? stream.shards : onDemandShards(undefined);
  validate(CREATE_STREAM_INPUT, { StreamName: name, ShardCount: shardCount });
  const kept = accounts.streams(caller, now).find((other) => other.name === name);
  if (kept === undefined) {
    accounts.createStream(
      caller,
      { name, mode, shardCount, maxRecordSizeInKiB: RECORD_SIZE_MAX_KIB, tags: {} },
      now,
      now,
    );
    return undefined;
  }
  const keptMode = kept.state.mode;
  // How many shards an on-demand stream has is its own matter.
  if (keptMode === mode && (mode === 'ON_DEMAND' || kept.openShardCount === shardCount)) return undefined;
  const was = shapeText(keptMode, kept.openShardCount);
  return `stream ${name} was kept as it was, ${was}, not made anew as ${shapeText(mode, shardCount)}`;
}

function shapeText(mode: StreamMode, shards: number): string {
  return `${mode === 'ON_DEMAND' ? 'on-demand' : 'provisioned'} with ${shards} shard${shards === 1 ? '' : 's'}`;
}
