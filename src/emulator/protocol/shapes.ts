import { integer, list, map, oneOf, string, structure } from './shape.js';

/**
 * The members that the requests of several operations have, with the constraints of the service's published model
 * (kinesis-2013-12-02). Requests are read and validated by these shapes.
 */

export const STREAM_NAME = string({ min: 1, max: 128, pattern: '[a-zA-Z0-9_.-]+' });
export const SHARD_ID = string({ min: 1, max: 128, pattern: '[a-zA-Z0-9_.-]+' });
export const NEXT_TOKEN = string({ min: 1, max: 1_048_576 });
export const SEQUENCE_NUMBER = string({ pattern: '0|([1-9]\\d{0,128})' });
export const HASH_KEY = string({ pattern: '0|([1-9]\\d{0,38})' });
export const PARTITION_KEY = string({ min: 1, max: 256 });
export const DATA = { kind: 'blob', max: 10_485_760 } as const;
export const BOOLEAN = { kind: 'boolean' } as const;
export const TIMESTAMP = { kind: 'timestamp' } as const;
export const PAGE_LIMIT = integer({ min: 1, max: 10_000 });

export const STREAM_ARN = string({ min: 1, max: 2048, pattern: 'arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+' });
export const STREAM_ID = string({ min: 1, max: 24, pattern: '[a-z0-9]{20}-[a-z0-9]{3}' });
export const RESOURCE_ARN = string({ min: 1, max: 2048, pattern: 'arn:aws.*:kinesis:.*:\\d{12}:.*stream/\\S+' });
export const CONSUMER_ARN = string({
  min: 1,
  max: 2048,
  pattern: '^(arn):aws.*:kinesis:.*:\\d{12}:.*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+',
});
export const CONSUMER_NAME = string({ min: 1, max: 128, pattern: '[a-zA-Z0-9_.-]+' });
export const TAG_KEY = { kind: 'string', min: 1, max: 128 } as const;
export const TAGS = map(TAG_KEY, { kind: 'string', min: 0, max: 256 }, { min: 1, max: 200 });
export const TAG_KEYS = list(TAG_KEY, { min: 1, max: 50 });
export const STREAM_MODE_DETAILS = structure({ StreamMode: oneOf('PROVISIONED', 'ON_DEMAND') }, ['StreamMode']);
export const MAX_RECORD_SIZE_IN_KIB = integer({ min: 1024, max: 10_240 });
export const WARM_THROUGHPUT_MIBPS = integer({ min: 0 });
export const SHARD_ITERATOR_TYPE = oneOf(
  'AT_SEQUENCE_NUMBER',
  'AFTER_SEQUENCE_NUMBER',
  'TRIM_HORIZON',
  'LATEST',
  'AT_TIMESTAMP',
);

/** The three ways to name a stream. */
export const STREAM_REFERENCE = { StreamName: STREAM_NAME, StreamARN: STREAM_ARN, StreamId: STREAM_ID };
/** The ways to name a stream in operations that do not take its name alone. */
export const STREAM_ARN_REFERENCE = { StreamARN: STREAM_ARN, StreamId: STREAM_ID };
/** Names a stream or a consumer. */
export const RESOURCE_REFERENCE = { ResourceARN: RESOURCE_ARN, StreamId: STREAM_ID };
