import { ServiceError, throughputExceeded } from '../protocol/service-error.js';
import { expiredIterator } from '../store/shard-iterator.js';
import { TOKEN_LIFE_MS } from '../store/token.js';

/** The properties of a request that faults select by. Those that take time to find are found on first use. */
export interface FaultTarget {
  /** 'PutRecords' */
  readonly operation: string;
  readonly account: string;
  readonly region: string;
  /** Undefined if the request names no stream, or a StreamId that does not exist. */
  readonly stream: { readonly name: string; readonly account: string; readonly region: string } | undefined;
  /** The ids of the shards that the request names, or that its records belong to. */
  readonly shards: readonly string[];
}

/** What a fault does to a request that it hits. */
export type FaultEffect =
  /** Refuses it with an error of the service. Undefined: the error does not apply to a request without a stream. */
  | { readonly kind: 'error'; readonly error: (target: FaultTarget, now: number) => ServiceError | undefined }
  /** Delays it before it is handled. */
  | { readonly kind: 'delay' }
  /** Ends its connection. The request is not handled. */
  | { readonly kind: 'close' | 'reset' }
  /** Handles it, then ends its connection without a response. */
  | { readonly kind: 'lose-response' }
  /** Acknowledges single records of PutRecord and PutRecords, and then damages what is stored. */
  | { readonly kind: 'damage'; readonly damage: Damage };

/** What happens to a record that was acknowledged. */
export type Damage = 'drop' | 'duplicate' | 'corrupt' | 'swap' | 'misplace';

/** A kind of fault: a row in the reference. */
export interface FaultAction {
  readonly name: string;
  /** The actions of AWS FIS that do the same to the service. Each is accepted instead of the name. */
  readonly fisIds: readonly string[];
  /** An earlier name, still accepted. */
  readonly formerName?: string;
  readonly what: string;
  readonly effect: FaultEffect;
  /** The operations that it can hit; default: all. */
  readonly operations?: readonly string[];
  /** Given if it can hit single records of PutRecords: their code and message, and whether it does so by default. */
  readonly record?: {
    readonly isDefault: boolean;
    readonly code: string;
    readonly message: (stream: string, account: string, shard: string) => string;
  };
}

/** Faults that the service does not have. */
function damaging(damage: Damage, what: string): FaultAction {
  const operations = ['PutRecord', 'PutRecords'];
  return {
    name: damage === 'swap' ? 'swap-records' : `${damage}-record`,
    fisIds: [],
    what,
    operations,
    effect: { kind: 'damage', damage },
  };
}

export const FAULT_ACTIONS: readonly FaultAction[] = [
  {
    name: 'provisioned-throughput-exception',
    fisIds: [
      'aws:kinesis:stream-provisioned-throughput-exception',
      'aws:kinesis:inject-api-provisioned-throughput-exception',
    ],
    what:
      'responds with `ProvisionedThroughputExceededException` (400), as if a shard were over its limit; ' +
      'single records of PutRecords fail, with `per=request` the whole request',
    operations: ['GetRecords', 'GetShardIterator', 'PutRecord', 'PutRecords'],
    effect: { kind: 'error', error: rateExceeded },
    record: {
      isDefault: true,
      code: 'ProvisionedThroughputExceededException',
      message: (stream, account, shard) =>
        `Rate exceeded for shard ${shard} in stream ${stream} under account ${account}.`,
    },
  },
  {
    name: 'expired-iterator-exception',
    fisIds: ['aws:kinesis:stream-expired-iterator-exception', 'aws:kinesis:inject-api-expired-iterator-exception'],
    what: 'responds to GetRecords with `ExpiredIteratorException` (400), whatever the age of the iterator',
    operations: ['GetRecords'],
    effect: { kind: 'error', error: (_, now) => expiredIterator(now - TOKEN_LIFE_MS - 1000, now) },
  },
  {
    name: 'internal-error',
    fisIds: ['aws:fis:inject-api-internal-error'],
    what: 'responds with `InternalFailure` (500); with `per=record` single records of PutRecords fail with it',
    effect: {
      kind: 'error',
      error: () =>
        new ServiceError(
          'InternalFailure',
          'The request processing has failed because of an unknown error, exception or failure.',
          500,
        ),
    },
    record: { isDefault: false, code: 'InternalFailure', message: () => 'Internal service failure.' },
  },
  {
    name: 'throttle-error',
    fisIds: ['aws:fis:inject-api-throttle-error'],
    what: 'responds with `ThrottlingException` (400), as if the account called too often',
    effect: { kind: 'error', error: () => new ServiceError('ThrottlingException', 'Rate exceeded') },
  },
  {
    name: 'unavailable-error',
    fisIds: ['aws:fis:inject-api-unavailable-error'],
    what: 'responds with `ServiceUnavailable` (503)',
    effect: {
      kind: 'error',
      error: () =>
        new ServiceError('ServiceUnavailable', 'The request has failed due to a temporary failure of the server.', 503),
    },
  },
  {
    name: 'latency',
    fisIds: [],
    what:
      'delays a request before it is handled: `delay=200ms`, uniform `delay=50ms..300ms`, normal ' +
      '`mean=100ms,sd=20ms`, exponential `mean=100ms`, log-normal `p50=20ms,p99=500ms`',
    effect: { kind: 'delay' },
  },
  {
    name: 'drop-connection',
    fisIds: [],
    what: 'closes the connection without a response; the request is not handled',
    effect: { kind: 'close' },
  },
  {
    name: 'reset-connection',
    fisIds: [],
    what: 'the same with a TCP reset, also over HTTP/2 and TLS',
    effect: { kind: 'reset' },
  },
  {
    name: 'lose-response',
    fisIds: [],
    formerName: 'lose-answer',
    what: 'handles the request (a write is stored), then closes the connection without a response',
    effect: { kind: 'lose-response' },
  },
  damaging('drop', 'acknowledges a record, which cannot be read: its sequence number stays unused'),
  damaging('duplicate', 'stores a record twice: the second time under the next sequence number, not acknowledged'),
  damaging('corrupt', "changes a byte of a record's data; a record without data is not hit"),
  damaging(
    'swap',
    'exchanges a record with the one before it that has the same key, on the same shard; not if that one was read, was ' +
      'damaged, or is far away in memory',
  ),
  damaging('misplace', 'stores a record on another open shard than the one that was acknowledged'),
];

function rateExceeded(target: FaultTarget): ServiceError | undefined {
  const { operation, stream, shards } = target;
  if (stream === undefined) return undefined;
  const { name, account } = stream;
  const where = operation === 'PutRecords' || shards.length === 0 ? '' : `shard ${shards[0]} in `;
  return throughputExceeded(`Rate exceeded for ${where}stream ${name} under account ${account}.`);
}

/** A fault that a user asked for is not valid. The message says why, and what is possible. */
export class FaultError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FaultError';
  }
}
