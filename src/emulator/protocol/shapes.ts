import { integer, list, map, oneOf, string, structure } from './shape.js';
import { SHARD_LEVEL_METRIC_NAMES } from './shard-level-metrics.js';

/**
 * What each operation takes, with the constraints of the service's published model (kinesis-2013-12-02): the one table
 * that requests are read and validated by.
 */

const STREAM_NAME = string({ min: 1, max: 128, pattern: '[a-zA-Z0-9_.-]+' });
const SHARD_ID = string({ min: 1, max: 128, pattern: '[a-zA-Z0-9_.-]+' });
const NEXT_TOKEN = string({ min: 1, max: 1_048_576 });
const SEQUENCE_NUMBER = string({ pattern: '0|([1-9]\\d{0,128})' });
const HASH_KEY = string({ pattern: '0|([1-9]\\d{0,38})' });
const PARTITION_KEY = string({ min: 1, max: 256 });
const DATA = { kind: 'blob', max: 10_485_760 } as const;
const BOOLEAN = { kind: 'boolean' } as const;
const TIMESTAMP = { kind: 'timestamp' } as const;
const PAGE_LIMIT = integer({ min: 1, max: 10_000 });

const STREAM_ARN = string({ min: 1, max: 2048, pattern: 'arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+' });
const STREAM_ID = string({ min: 1, max: 24, pattern: '[a-z0-9]{20}-[a-z0-9]{3}' });
const RESOURCE_ARN = string({ min: 1, max: 2048, pattern: 'arn:aws.*:kinesis:.*:\\d{12}:.*stream/\\S+' });
const CONSUMER_ARN = string({
  min: 1,
  max: 2048,
  pattern: '^(arn):aws.*:kinesis:.*:\\d{12}:.*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+',
});
const CONSUMER_NAME = string({ min: 1, max: 128, pattern: '[a-zA-Z0-9_.-]+' });
const TAG_KEY = { kind: 'string', min: 1, max: 128 } as const;
const TAGS = map(TAG_KEY, { kind: 'string', min: 0, max: 256 }, { min: 1, max: 200 });
const TAG_KEYS = list(TAG_KEY, { min: 1, max: 50 });
const STREAM_MODE_DETAILS = structure({ StreamMode: oneOf('PROVISIONED', 'ON_DEMAND') }, ['StreamMode']);
const MAX_RECORD_SIZE_IN_KIB = integer({ min: 1024, max: 10_240 });
const WARM_THROUGHPUT_MIBPS = integer({ min: 0 });
const ENCRYPTION_TYPE = oneOf('NONE', 'KMS');
const KEY_ID = string({ min: 1, max: 2048 });
const SHARD_ITERATOR_TYPE = oneOf(
  'AT_SEQUENCE_NUMBER',
  'AFTER_SEQUENCE_NUMBER',
  'TRIM_HORIZON',
  'LATEST',
  'AT_TIMESTAMP',
);
const SHARD_LEVEL_METRICS = list(oneOf(...SHARD_LEVEL_METRIC_NAMES, 'ALL'), { min: 1, max: 7 });

/** The three ways to name a stream. */
const STREAM_REFERENCE = { StreamName: STREAM_NAME, StreamARN: STREAM_ARN, StreamId: STREAM_ID };
/** The ways to name a stream where its name alone will not do. */
const STREAM_ARN_REFERENCE = { StreamARN: STREAM_ARN, StreamId: STREAM_ID };
/** A stream or a consumer, which have tags and policies. */
const RESOURCE_REFERENCE = { ResourceARN: RESOURCE_ARN, StreamId: STREAM_ID };

export const CREATE_STREAM_INPUT = structure(
  {
    StreamName: STREAM_NAME,
    ShardCount: integer({ min: 1 }),
    StreamModeDetails: STREAM_MODE_DETAILS,
    Tags: TAGS,
    WarmThroughputMiBps: WARM_THROUGHPUT_MIBPS,
    MaxRecordSizeInKiB: MAX_RECORD_SIZE_IN_KIB,
  },
  ['StreamName'],
);

export const DELETE_STREAM_INPUT = structure({ ...STREAM_REFERENCE, EnforceConsumerDeletion: BOOLEAN });

export const DESCRIBE_STREAM_INPUT = structure({
  ...STREAM_REFERENCE,
  Limit: PAGE_LIMIT,
  ExclusiveStartShardId: SHARD_ID,
});

export const DESCRIBE_STREAM_SUMMARY_INPUT = structure(STREAM_REFERENCE);

export const LIST_STREAMS_INPUT = structure({
  Limit: PAGE_LIMIT,
  ExclusiveStartStreamName: STREAM_NAME,
  NextToken: NEXT_TOKEN,
});

export const LIST_SHARDS_INPUT = structure({
  ...STREAM_REFERENCE,
  NextToken: NEXT_TOKEN,
  ExclusiveStartShardId: SHARD_ID,
  MaxResults: PAGE_LIMIT,
  StreamCreationTimestamp: TIMESTAMP,
  ShardFilter: structure(
    {
      Type: oneOf(
        'AFTER_SHARD_ID',
        'AT_TRIM_HORIZON',
        'FROM_TRIM_HORIZON',
        'AT_LATEST',
        'AT_TIMESTAMP',
        'FROM_TIMESTAMP',
      ),
      ShardId: SHARD_ID,
      Timestamp: TIMESTAMP,
    },
    ['Type'],
  ),
});

export const PUT_RECORD_INPUT = structure(
  {
    ...STREAM_REFERENCE,
    Data: DATA,
    PartitionKey: PARTITION_KEY,
    ExplicitHashKey: HASH_KEY,
    SequenceNumberForOrdering: SEQUENCE_NUMBER,
    DryRun: BOOLEAN,
  },
  ['Data', 'PartitionKey'],
);

export const PUT_RECORDS_INPUT = structure(
  {
    ...STREAM_REFERENCE,
    Records: list(
      structure({ Data: DATA, ExplicitHashKey: HASH_KEY, PartitionKey: PARTITION_KEY }, ['Data', 'PartitionKey']),
      { min: 1, max: 500 },
    ),
    DryRun: BOOLEAN,
  },
  ['Records'],
);

export const GET_SHARD_ITERATOR_INPUT = structure(
  {
    ...STREAM_REFERENCE,
    ShardId: SHARD_ID,
    ShardIteratorType: SHARD_ITERATOR_TYPE,
    StartingSequenceNumber: SEQUENCE_NUMBER,
    Timestamp: TIMESTAMP,
    DryRun: BOOLEAN,
  },
  ['ShardId', 'ShardIteratorType'],
);

export const GET_RECORDS_INPUT = structure(
  { ...STREAM_ARN_REFERENCE, ShardIterator: string({ min: 1, max: 512 }), Limit: PAGE_LIMIT, DryRun: BOOLEAN },
  ['ShardIterator'],
);

export const SUBSCRIBE_TO_SHARD_INPUT = structure(
  {
    ConsumerARN: CONSUMER_ARN,
    StreamId: STREAM_ID,
    ShardId: SHARD_ID,
    StartingPosition: structure({ Type: SHARD_ITERATOR_TYPE, SequenceNumber: SEQUENCE_NUMBER, Timestamp: TIMESTAMP }, [
      'Type',
    ]),
    DryRun: BOOLEAN,
  },
  ['ConsumerARN', 'ShardId', 'StartingPosition'],
);

export const SPLIT_SHARD_INPUT = structure(
  { ...STREAM_REFERENCE, ShardToSplit: SHARD_ID, NewStartingHashKey: HASH_KEY },
  ['ShardToSplit', 'NewStartingHashKey'],
);

export const MERGE_SHARDS_INPUT = structure(
  { ...STREAM_REFERENCE, ShardToMerge: SHARD_ID, AdjacentShardToMerge: SHARD_ID },
  ['ShardToMerge', 'AdjacentShardToMerge'],
);

export const UPDATE_SHARD_COUNT_INPUT = structure(
  { ...STREAM_REFERENCE, TargetShardCount: integer({ min: 1 }), ScalingType: oneOf('UNIFORM_SCALING') },
  ['TargetShardCount', 'ScalingType'],
);

export const UPDATE_STREAM_MODE_INPUT = structure(
  { ...STREAM_ARN_REFERENCE, StreamModeDetails: STREAM_MODE_DETAILS, WarmThroughputMiBps: WARM_THROUGHPUT_MIBPS },
  ['StreamARN', 'StreamModeDetails'],
);

export const UPDATE_MAX_RECORD_SIZE_INPUT = structure(
  { ...STREAM_ARN_REFERENCE, MaxRecordSizeInKiB: MAX_RECORD_SIZE_IN_KIB },
  ['MaxRecordSizeInKiB'],
);

export const UPDATE_STREAM_WARM_THROUGHPUT_INPUT = structure(
  { ...STREAM_REFERENCE, WarmThroughputMiBps: WARM_THROUGHPUT_MIBPS },
  ['WarmThroughputMiBps'],
);

/** Takes hours as any number: the operations refuse those out of range themselves. */
export const CHANGE_RETENTION_INPUT = structure({ ...STREAM_REFERENCE, RetentionPeriodHours: integer({}) }, [
  'RetentionPeriodHours',
]);

export const CHANGE_MONITORING_INPUT = structure({ ...STREAM_REFERENCE, ShardLevelMetrics: SHARD_LEVEL_METRICS }, [
  'ShardLevelMetrics',
]);

export const CHANGE_ENCRYPTION_INPUT = structure(
  { ...STREAM_REFERENCE, EncryptionType: ENCRYPTION_TYPE, KeyId: KEY_ID },
  ['EncryptionType', 'KeyId'],
);

export const ADD_TAGS_TO_STREAM_INPUT = structure({ ...STREAM_REFERENCE, Tags: TAGS }, ['Tags']);

export const REMOVE_TAGS_FROM_STREAM_INPUT = structure({ ...STREAM_REFERENCE, TagKeys: TAG_KEYS }, ['TagKeys']);

export const LIST_TAGS_FOR_STREAM_INPUT = structure({
  ...STREAM_REFERENCE,
  ExclusiveStartTagKey: TAG_KEY,
  Limit: integer({ min: 1, max: 50 }),
});

export const TAG_RESOURCE_INPUT = structure({ ...RESOURCE_REFERENCE, Tags: TAGS }, ['Tags', 'ResourceARN']);

export const UNTAG_RESOURCE_INPUT = structure({ ...RESOURCE_REFERENCE, TagKeys: TAG_KEYS }, ['TagKeys', 'ResourceARN']);

export const LIST_TAGS_FOR_RESOURCE_INPUT = structure(RESOURCE_REFERENCE, ['ResourceARN']);

export const PUT_RESOURCE_POLICY_INPUT = structure({ ...RESOURCE_REFERENCE, Policy: string({}) }, [
  'ResourceARN',
  'Policy',
]);

/** Of GetResourcePolicy and DeleteResourcePolicy. */
export const RESOURCE_POLICY_INPUT = structure(RESOURCE_REFERENCE, ['ResourceARN']);

export const REGISTER_STREAM_CONSUMER_INPUT = structure(
  { ...STREAM_ARN_REFERENCE, ConsumerName: CONSUMER_NAME, Tags: TAGS },
  ['StreamARN', 'ConsumerName'],
);

/** Of DescribeStreamConsumer and DeregisterStreamConsumer. */
export const STREAM_CONSUMER_INPUT = structure({
  ...STREAM_ARN_REFERENCE,
  ConsumerName: CONSUMER_NAME,
  ConsumerARN: CONSUMER_ARN,
});

export const LIST_STREAM_CONSUMERS_INPUT = structure(
  {
    ...STREAM_ARN_REFERENCE,
    NextToken: NEXT_TOKEN,
    MaxResults: PAGE_LIMIT,
    StreamCreationTimestamp: TIMESTAMP,
  },
  ['StreamARN'],
);

/** Of DescribeLimits and DescribeAccountSettings. */
export const NOTHING_INPUT = structure({});

export const UPDATE_ACCOUNT_SETTINGS_INPUT = structure(
  { MinimumThroughputBillingCommitment: structure({ Status: oneOf('ENABLED', 'DISABLED') }, ['Status']) },
  ['MinimumThroughputBillingCommitment'],
);
