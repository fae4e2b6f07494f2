import { createStream } from './create-stream.js';
import { deleteStream } from './delete-stream.js';
import { describeStream } from './describe-stream.js';
import { describeStreamSummary } from './describe-stream-summary.js';
import { getRecords } from './get-records.js';
import { getShardIterator } from './get-shard-iterator.js';
import { listShards } from './list-shards.js';
import { listStreams } from './list-streams.js';
import type { Operation } from './operation.js';
import { putRecord } from './put-record.js';
import { putRecords } from './put-records.js';

/** The operations by their names on the wire. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['CreateStream', createStream],
  ['DeleteStream', deleteStream],
  ['DescribeStream', describeStream],
  ['DescribeStreamSummary', describeStreamSummary],
  ['GetRecords', getRecords],
  ['GetShardIterator', getShardIterator],
  ['ListShards', listShards],
  ['ListStreams', listStreams],
  ['PutRecord', putRecord],
  ['PutRecords', putRecords],
]);
