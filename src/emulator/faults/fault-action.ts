import { ServiceError } from '../protocol/service-error.js';
import { expiredIterator } from '../store/shard-iterator.js';
import { TOKEN_LIFE_MS } from '../store/token.js';
import type { FaultTarget } from './fault-target.js';

/** What a fault does to a request that it hits. */
export type FaultEffect =
  /** It is refused, in the service's words. Undefined: the request has no shard to be refused by. */
  | { readonly kind: 'error'; readonly error: (target: FaultTarget, now: number) => ServiceError | undefined }
  /** It waits before it is handled. */
  | { readonly kind: 'delay' }
  /** Its connection ends, and it is not handled. */
  | { readonly kind: 'close' | 'reset' }
  /** It is handled, and its connection ends without an answer. */
  | { readonly kind: 'lose-answer' };

/** A kind of fault. README's table is made from these. */
export interface FaultAction {
  readonly name: string;
  /** The actions of AWS FIS that do the same to the service; each may be written instead of the name. */
  readonly fisIds: readonly string[];
  readonly what: string;
  readonly effect: FaultEffect;
  /** The operations that it can hit; all unless given. */
  readonly operations?: readonly string[];
  /** Whether of PutRecords it hits single records, as the service does: its error code and message for each. */
  readonly record?: {
    readonly isDefault: boolean;
    readonly code: string;
    readonly message: (stream: string, account: string, shard: string) => string;
  };
}

export const FAULT_ACTIONS: readonly FaultAction[] = [
  {
    name: 'provisioned-throughput-exception',
    fisIds: [
      'aws:kinesis:stream-provisioned-throughput-exception',
      'aws:kinesis:inject-api-provisioned-throughput-exception',
    ],
    what: 'answers `ProvisionedThroughputExceededException` (400), as if a shard were over its limit; of PutRecords single records fail, with `per=request` the whole request',
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
    what: 'answers GetRecords with `ExpiredIteratorException` (400), whatever the age of its iterator',
    operations: ['GetRecords'],
    effect: { kind: 'error', error: (_, now) => expiredIterator(now - TOKEN_LIFE_MS - 1000, now) },
  },
  {
    name: 'internal-error',
    fisIds: ['aws:fis:inject-api-internal-error'],
    what: 'answers `InternalFailure` (500); with `per=record` single records of PutRecords fail with it',
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
    what: 'answers `ThrottlingException` (400), as if the account called too often',
    effect: { kind: 'error', error: () => new ServiceError('ThrottlingException', 'Rate exceeded') },
  },
  {
    name: 'unavailable-error',
    fisIds: ['aws:fis:inject-api-unavailable-error'],
    what: 'answers `ServiceUnavailable` (503)',
    effect: {
      kind: 'error',
      error: () =>
        new ServiceError('ServiceUnavailable', 'The request has failed due to a temporary failure of the server.', 503),
    },
  },
  {
    name: 'latency',
    fisIds: [],
    what: 'lets a request wait before it is handled: `delay=200ms`, evenly `delay=50ms..300ms`, normal `mean=100ms,sd=20ms`, exponential `mean=100ms`, log-normal `p50=20ms,p99=500ms`',
    effect: { kind: 'delay' },
  },
  {
    name: 'drop-connection',
    fisIds: [],
    what: 'closes the connection without an answer; the request is not handled',
    effect: { kind: 'close' },
  },
  {
    name: 'reset-connection',
    fisIds: [],
    what: 'the same with a TCP reset (on HTTP/2 and TLS, too)',
    effect: { kind: 'reset' },
  },
  {
    name: 'lose-answer',
    fisIds: [],
    what: 'handles the request, a write is done, and closes the connection without an answer',
    effect: { kind: 'lose-answer' },
  },
];

function rateExceeded(target: FaultTarget): ServiceError | undefined {
  const { operation, stream, shards } = target;
  if (stream === undefined) return undefined;
  const { name, account } = stream;
  const where = operation === 'PutRecords' || shards.length === 0 ? '' : `shard ${shards[0]} in `;
  return new ServiceError(
    'ProvisionedThroughputExceededException',
    `Rate exceeded for ${where}stream ${name} under account ${account}.`,
  );
}
