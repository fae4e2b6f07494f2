import { integer, list, map, oneOf, string, structure } from './shape.js';

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

/** The three ways to name a stream. */
const STREAM_REFERENCE = {
  StreamName: STREAM_NAME,
  StreamARN: string({ min: 1, max: 2048, pattern: 'arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+' }),
  StreamId: string({ min: 1, max: 24, pattern: '[a-z0-9]{20}-[a-z0-9]{3}' }),
};

export const CREATE_STREAM_INPUT = structure(
  {
    StreamName: STREAM_NAME,
    ShardCount: integer({ min: 1 }),
    StreamModeDetails: structure({ StreamMode: oneOf('PROVISIONED', 'ON_DEMAND') }, ['StreamMode']),
    Tags: map(string({ min: 1, max: 128 }), string({ max: 256 }), { min: 1, max: 200 }),
    WarmThroughputMiBps: integer({ min: 0 }),
    MaxRecordSizeInKiB: integer({ min: 1024, max: 10_240 }),
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
  },
  ['Records'],
);

export const GET_SHARD_ITERATOR_INPUT = structure(
  {
    ...STREAM_REFERENCE,
    ShardId: SHARD_ID,
    ShardIteratorType: oneOf('AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER', 'TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'),
    StartingSequenceNumber: SEQUENCE_NUMBER,
    Timestamp: TIMESTAMP,
  },
  ['ShardId', 'ShardIteratorType'],
);

export const GET_RECORDS_INPUT = structure(
  { ...STREAM_REFERENCE, ShardIterator: string({ min: 1, max: 512 }), Limit: PAGE_LIMIT },
  ['ShardIterator'],
);
