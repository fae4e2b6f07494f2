import assert from 'node:assert/strict';
import {
  DeleteStreamCommand,
  DescribeStreamCommand,
  ListShardsCommand,
  ListStreamsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  ResourceNotFoundException,
  SplitShardCommand,
  UpdateShardCountCommand,
  waitUntilStreamExists,
  waitUntilStreamNotExists,
} from '@aws-sdk/client-kinesis';
import { connect } from './checks.js';
import { create, FIRST_SHARD, read, untilActive } from './streams.js';

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const TIMESTAMP_AGE_MAX_MS = 60_000;

export const RECORD_CHECKS = {
  'puts a record and gets it': async (client) => {
    await create(client, 'one');
    const put = await client.send(new PutRecordCommand({ StreamName: 'one', PartitionKey: 'ключ', Data: ALL_BYTES }));
    assert.equal(put.ShardId, FIRST_SHARD);
    assert.match(put.SequenceNumber, /^\d{56}$/);
    const { Records, MillisBehindLatest, NextShardIterator } = await read(client, 'one');
    assert.equal(Records.length, 1);
    assert.deepEqual(Buffer.from(Records[0].Data), Buffer.from(ALL_BYTES));
    assert.equal(Records[0].PartitionKey, 'ключ');
    assert.equal(Records[0].SequenceNumber, put.SequenceNumber);
    assert.ok(Math.abs(Date.now() - Records[0].ApproximateArrivalTimestamp) < TIMESTAMP_AGE_MAX_MS);
    assert.equal(MillisBehindLatest, 0);
    assert.ok(NextShardIterator);
    const at = { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: Records[0].ApproximateArrivalTimestamp };
    assert.equal((await read(client, 'one', FIRST_SHARD, at)).Records.length, 1);
  },

  'sends many requests at once over one connection': async (client) => {
    await create(client, 'many', 4);
    const requests = Array.from({ length: 200 }, (_, request) => {
      const Records = Array.from({ length: 10 }, (_, number) => ({
        PartitionKey: `${request}-${number}`,
        Data: Buffer.from(`${request}-${number}`),
      }));
      return client.send(new PutRecordsCommand({ StreamName: 'many', Records }));
    });
    const answers = await Promise.all(requests);
    assert.equal(new Set(answers.map(({ $metadata }) => $metadata.requestId)).size, 200);
    assert.ok(answers.every(({ FailedRecordCount }) => FailedRecordCount === 0));
    const seen = [];
    for (let shard = 0; shard < 4; shard += 1) {
      const { Records } = await read(client, 'many', `shardId-00000000000${shard}`);
      seen.push(...Records.map(({ Data }) => Buffer.from(Data).toString()));
    }
    assert.equal(new Set(seen).size, 2000);
    assert.equal(seen.length, 2000);
  },

  'carries a megabyte both ways': async (client) => {
    await create(client, 'megabyte');
    const Data = Buffer.alloc(1024 * 1024 - 1, ALL_BYTES);
    await client.send(new PutRecordCommand({ StreamName: 'megabyte', PartitionKey: 'a', Data }));
    const { Records } = await read(client, 'megabyte');
    assert.ok(Data.equals(Buffer.from(Records[0].Data)));
  },

  'waits for streams to come and to go': async (client) => {
    await create(client, 'waited', 2);
    const waiting = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
    await waitUntilStreamExists(waiting, { StreamName: 'waited' });
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName: 'waited' }));
    assert.equal(StreamDescription.Shards.length, 2);
    assert.ok(StreamDescription.StreamCreationTimestamp instanceof Date);
    assert.ok((await client.send(new ListStreamsCommand({}))).StreamNames.includes('waited'));
    await client.send(new DeleteStreamCommand({ StreamName: 'waited' }));
    await waitUntilStreamNotExists(waiting, { StreamName: 'waited' });
  },

  'splits, merges and scales': async (client) => {
    const StreamName = 'reshaped';
    await create(client, StreamName);
    const half = { StreamName, ShardToSplit: FIRST_SHARD, NewStartingHashKey: String(2n ** 127n) };
    await client.send(new SplitShardCommand(half));
    await untilActive(client, StreamName);
    const ShardToMerge = 'shardId-000000000001';
    const AdjacentShardToMerge = 'shardId-000000000002';
    await client.send(new MergeShardsCommand({ StreamName, ShardToMerge, AdjacentShardToMerge }));
    await untilActive(client, StreamName);
    const two = { StreamName, TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' };
    await client.send(new UpdateShardCountCommand(two));
    assert.equal((await untilActive(client, StreamName)).OpenShardCount, 2);
    const { Shards } = await client.send(new ListShardsCommand({ StreamName }));
    const parents = Shards.map(({ ParentShardId }) => ParentShardId?.slice(-1));
    assert.deepEqual(parents, [undefined, '0', '0', '1', '3', '3']);
  },

  'throws errors of their own classes': async (client) => {
    await assert.rejects(client.send(new DescribeStreamCommand({ StreamName: 'nowhere' })), (error) => {
      assert.ok(error instanceof ResourceNotFoundException);
      assert.equal(error.message, 'Stream nowhere under account 111122223333 not found.');
      assert.equal(error.$metadata.httpStatusCode, 400);
      assert.ok(error.$metadata.requestId);
      return true;
    });
    const invalid = new PutRecordCommand({ StreamName: 'not a name', PartitionKey: '', Data: Buffer.of() });
    await assert.rejects(client.send(invalid), {
      name: 'ValidationException',
      message: /^2 validation errors detected/,
    });
  },

  'tells a throttled shard': async (client) => {
    await create(client, 'narrow');
    const once = connect({ maxAttempts: 1 });
    const Records = Array.from({ length: 30 }, () => ({ PartitionKey: 'a', Data: Buffer.alloc(100 * 1024) }));
    const answer = await once.send(new PutRecordsCommand({ StreamName: 'narrow', Records }));
    once.destroy();
    const failed = answer.Records.filter(({ ErrorCode }) => ErrorCode !== undefined);
    assert.equal(answer.FailedRecordCount, failed.length);
    assert.ok(failed.length > 0 && failed.length < 30);
    assert.equal(failed[0].ErrorCode, 'ProvisionedThroughputExceededException');
    // The default client sends again what was refused as a whole.
    assert.equal((await client.send(new ListStreamsCommand({ Limit: 1 }))).StreamNames.length, 1);
  },
};
