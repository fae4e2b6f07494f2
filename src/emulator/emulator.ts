import { CREATE_STREAM_INPUT } from './actions/create-stream.js';
import { OPERATIONS } from './actions/operations.js';
import type { DiskStore, SyncPolicy } from './disk/disk-store.js';
import { SUBSCRIPTION_TIMES, type SubscriptionTimes } from './fan-out/subscription.js';
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
import { TlsAcceptor } from './wire/tls-acceptor.js';

/** A stream that exists from the start: provisioned with a number of shards, or on demand. */
export type NewStreamOptions = { readonly name: string } & (
  | { readonly shards: number; readonly mode?: 'PROVISIONED' }
  | { readonly mode: 'ON_DEMAND' }
);

export interface EmulatorOptions {
  /** Address to listen on. Default: '127.0.0.1'. */
  readonly host?: string;
  /** Default: 0, which takes any free port. */
  readonly port?: number;
  /**
   * The service's limits. true (the default): all of them apply; false: only those that bound memory; a number: all,
   * times this factor; an object: the given values by name, and the service's for all other limits.
   */
  readonly limits?: LimitsSetting;
  /** Streams that are ACTIVE from the start. */
  readonly streams?: readonly NewStreamOptions[];
  /** The account of `streams`, and of callers whose access key is not twelve digits. Default: '000000000000'. */
  readonly account?: string;
  /** The region of `streams`, and of callers whose credentials name no region. Default: 'us-east-1'. */
  readonly region?: string;
  /** How long a new stream stays CREATING, milliseconds. Default: 0, so that it is ACTIVE at once. */
  readonly createDelayMs?: number;
  /** How long a changed stream stays UPDATING, milliseconds. Default: 0, so that the change takes effect at once. */
  readonly updateDelayMs?: number;
  /** How long a deleted stream stays DELETING, milliseconds. Default: 0, so that it is gone at once. */
  readonly deleteDelayMs?: number;
  /** Whether on-demand streams split and merge their shards as their traffic changes. Default: true. */
  readonly onDemandScaling?: boolean;
  /** How long a consumer stays CREATING, and later DELETING, milliseconds. Default: 0. */
  readonly consumerDelayMs?: number;
  /** The times of enhanced fan-out. Default: an event at least every 5 s, 5 min of life, 5 s before a takeover. */
  readonly subscriptions?: Partial<SubscriptionTimes>;
  /**
   * Bytes of memory for records. Default: 512 MiB. When it is full, the oldest records are dropped; with a `dataDir`
   * they are dropped from memory only, and read from disk.
   */
  readonly memoryMaxBytes?: number;
  /**
   * A folder that keeps all state, so that the next emulator that uses it continues from there. Created if it does not
   * exist. Default: nothing is kept.
   */
  readonly dataDir?: string;
  /**
   * When a write to `dataDir` is acknowledged. 'os' (the default): once the operating system has it, so that it
   * survives a crash of the process. 'always': once it is on disk, so that it survives a crash of the machine.
   */
  readonly sync?: SyncPolicy;
  /**
   * Faults to inject from the start, in the syntax of `kload emulate --fault`:
   * 'provisioned-throughput-exception:operation=PutRecords,stream=orders,percentage=20'.
   */
  readonly faults?: readonly string[];
  /** A whole number. The same seed, faults and requests make the same requests fail. Default: 1. */
  readonly faultSeed?: number;
  /** Whether and how requests are logged. Default: not at all. */
  readonly log?: LogOptions;
  /** The certificate for TLS and its key, in PEM. Default: one is made for this machine when it is first needed. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /**
   * The only credentials whose signatures are accepted; other requests are refused as the service refuses them.
   * Default: any signature is accepted. `sessionToken` is for temporary credentials.
   */
  readonly verifySignatures?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
  /**
   * Origins of web pages that may use the emulator, in addition to pages on this machine:
   * 'https://console.example.com', or '*' for all. Requests from other pages are refused.
   */
  readonly allowOrigins?: readonly string[];
  /** Host names under which `/_kload/` is served, in addition to localhost and IP addresses. */
  readonly allowHosts?: readonly string[];
  /** Returns the time, epoch milliseconds. Default: Date.now. For tests of what takes hours. */
  readonly now?: () => number;
}

export interface Emulator {
  readonly port: number;
  /** 'http://127.0.0.1:4567' */
  readonly endpoint: string;
  /** What clients must trust, in PEM: the authority that signed the generated certificate, or the given certificate. */
  caCertificate(): Promise<string>;
  /** Ends all connections and stops listening. Only what is in a `dataDir` is kept. May be called more than once. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const MEMORY_MAX_BYTES = 512 * 1024 * 1024;
const RECORD_SIZE_MAX_KIB = 1024;

/**
 * Starts an emulator of Amazon Kinesis Data Streams in this thread; resolves once it listens.
 * Rejects with a DataDirError if `dataDir` cannot be used, and with an Error if `streams`, `limits` or `faults` are not
 * valid or if it cannot listen; the error's `code` is 'EADDRINUSE' if the port is taken.
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
    store?.removeOrphanedLogs();
    return await serve({ accounts, store, observer, caller }, options);
  } catch (error) {
    await store?.close();
    throw error;
  }
}

/** The parts of an emulator that exist before it listens. */
interface Parts {
  readonly accounts: Accounts;
  /** Undefined if everything is in memory only. */
  readonly store: DiskStore | undefined;
  readonly observer: Observer;
  /** Account and region of requests whose credentials do not name them. */
  readonly caller: Caller;
}

/** Loads the store only if there is a folder: modules that are not loaded make the start faster. */
async function openStore({ dataDir, sync = 'os' }: EmulatorOptions, { log }: Observer): Promise<DiskStore | undefined> {
  if (dataDir === undefined) return undefined;
  const { DiskStore } = await import('./disk/disk-store.js');
  return await DiskStore.open({ folder: dataDir, sync, notice: (message) => log.notice(message) });
}

async function serve({ accounts, store, observer, caller }: Parts, options: EmulatorOptions): Promise<Emulator> {
  const { host = '127.0.0.1', port = 0, now = Date.now } = options;
  for (const stream of options.streams ?? []) {
    const notice = createActiveStream(accounts, caller, stream, Math.floor(now()));
    if (notice !== undefined) observer.log.notice(notice);
  }
  await store?.commit();
  const faults = new Faults(options.faultSeed ?? 1);
  const operations = [...OPERATIONS.keys()];
  for (const text of options.faults ?? []) faults.set(parseFault(text, operations), Math.floor(now()));
  const hooks: Hooks = {
    fault: faultHook(faults, accounts, now),
    ...(store && { durable: () => store.commit() }),
    done: (exchange, outcome) => observer.finished(exchange, outcome, accounts),
  };
  const signer = options.verifySignatures;
  const verify = (request: WireRequest) => {
    if (signer === undefined) return;
    verifySignature(request, readCredentials(request.headers, request.url), signer, Math.floor(now()));
  };
  const routes = new Routes(() => observer.health(accounts), verify);
  addFaultRoutes(routes, faults, operations, now);
  const tls = new TlsAcceptor(host, caller.region, options.tls);
  routes.add('GET', '/_kload/ca.pem', async () => ({
    status: 200,
    contentType: 'application/x-pem-file',
    body: await tls.caCertificate(),
  }));
  // There is no need to await the commit: subscriptions write no records, and states are on disk when it returns.
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

/** @returns a notice if the data folder already has a stream of this name but of another shape, which stays as it is */
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
  const existing = accounts.streams(caller, now).find((other) => other.name === name);
  if (existing === undefined) {
    accounts.createStream(
      caller,
      { name, mode, shardCount, maxRecordSizeInKiB: RECORD_SIZE_MAX_KIB, tags: {} },
      now,
      now,
    );
    return undefined;
  }
  const { state, openShardCount } = existing;
  // The number of shards of an on-demand stream depends on its traffic.
  if (state.mode === mode && (mode === 'ON_DEMAND' || openShardCount === shardCount)) return undefined;
  const shape = shapeText(state.mode, openShardCount);
  return `stream ${name} already exists as ${shape}; it was not recreated as ${shapeText(mode, shardCount)}`;
}

function shapeText(mode: StreamMode, shards: number): string {
  return `${mode === 'ON_DEMAND' ? 'on-demand' : 'provisioned'} with ${shards} shard${shards === 1 ? '' : 's'}`;
}
