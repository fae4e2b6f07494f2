import type { SubscriptionSource } from '../fan-out/subscription.js';
import { EventStream } from '../protocol/output.js';
import { resourceInUse, resourceNotFound, type ServiceError } from '../protocol/service-error.js';
import { structure } from '../protocol/shape.js';
import {
  BOOLEAN,
  CONSUMER_ARN,
  SEQUENCE_NUMBER,
  SHARD_ID,
  SHARD_ITERATOR_TYPE,
  STREAM_ID,
  TIMESTAMP,
} from '../protocol/shapes.js';
import type { Accounts } from '../store/accounts.js';
import { consumerStatus } from '../store/consumer.js';
import type { Shard, ShardRead } from '../store/shard.js';
import type { Stream } from '../store/stream.js';
import { consumerByArn, type StreamConsumer } from './consumers.js';
import { describeChildren } from './descriptions.js';
import { consumerNotFound, streamNotFound } from './not-found.js';
import { endDryRun, operation } from './operation.js';
import { RecordsResult } from './records-result.js';
import { startPosition } from './start-position.js';

export const subscribeToShard = operation({
  input: structure(
    {
      ConsumerARN: CONSUMER_ARN,
      StreamId: STREAM_ID,
      ShardId: SHARD_ID,
      StartingPosition: structure(
        { Type: SHARD_ITERATOR_TYPE, SequenceNumber: SEQUENCE_NUMBER, Timestamp: TIMESTAMP },
        ['Type'],
      ),
      DryRun: BOOLEAN,
    },
    ['ConsumerARN', 'ShardId', 'StartingPosition'],
  ),
  emulated:
    'initial-response, heartbeats, end after five minutes, takeover, ContinuationSequenceNumber, ChildShards; ' +
    'events in JSON or CBOR; DryRun',
  run: (input, call) => {
    const { accounts, now, subscriptions } = call;
    const subscriber = consumerByArn(input.ConsumerARN, call);
    const { stream, consumer } = subscriber;
    if (consumerStatus(consumer) !== 'ACTIVE') throw notActive(subscriber);
    const shard = stream.shard(input.ShardId);
    const key = `${consumer.arn}/${shard.id}`;
    const description = `${stream.account}:${stream.name}:${shard.id}:${consumer.name}`;
    subscriptions.requireFree(key, description);
    if (input.DryRun !== true) accounts.callRates.admitSubscription(key, stream, shard.id, now);
    const { Type: type, SequenceNumber: number, Timestamp: timestamp } = input.StartingPosition;
    const position = startPosition({ type, number, timestamp, usedIn: 'SubscribeToShard' }, stream, shard, now);
    endDryRun(input);
    const subscription = subscriptions.open(key, description, sourceOf(subscriber, shard, accounts), position);
    return new EventStream('SubscribeToShardEvent', subscription);
  },
});

function sourceOf({ stream, consumer }: StreamConsumer, shard: Shard, accounts: Accounts): SubscriptionSource {
  return {
    shard,
    bytesPerSecond: accounts.limits.consumerReadBytesPerSecond,
    settle: (now) => {
      const found = accounts.sameStream(stream.arn, stream.id, now);
      if (found.status === 'DELETING') throw streamNotFound(stream);
      // Compares identity: a consumer that was registered later under the same name is another.
      if (!found.state.consumers.includes(consumer) || consumerStatus(consumer) !== 'ACTIVE') {
        throw consumerNotFound(consumer.arn, stream.account);
      }
      if (!found.hasShard(shard.index)) {
        throw resourceNotFound(`Shard ${shard.id} in ${stream.description} does not exist`);
      }
      return found.state.pending?.untilMs;
    },
    event: (read, now) => describeEvent(read, stream, shard, now),
  };
}

/** An event has a ContinuationSequenceNumber or, at the end of the shard, ChildShards: never both, never neither. */
function describeEvent(read: ShardRead, stream: Stream, shard: Shard, now: number): RecordsResult {
  return new RecordsResult(read.page, (atMs) => stream.encryptionAt(atMs), {
    ContinuationSequenceNumber: read.isEnd ? undefined : shard.continuationAt(read.next, now),
    MillisBehindLatest: read.millisBehindLatest,
    ChildShards: read.isEnd ? describeChildren(stream, shard) : undefined,
  });
}

function notActive({ consumer, stream }: StreamConsumer): ServiceError {
  return resourceInUse(
    `Consumer ${consumer.name} with creation timestamp ${consumer.createdAtMs / 1000} under stream: ${stream.name} , ` +
      `account ${stream.account} is not in ACTIVE status.`,
  );
}
