import { cbor } from '@smithy/core/cbor';
import { beforeEach, expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.js';
import { call, emulatorFor, SIGNED, TestClock } from './support.js';

const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
const SHARD = 'shardId-000000000000';
const RECORD = { PartitionKey: 'k', Data: Buffer.from('data').toString('base64') };
const DRY = { __type: 'DryRunOperationException', message: expect.stringContaining('DryRun') };

const clock = new TestClock();
let emulator: Emulator;
let iterator: string;
let consumer: string;

beforeEach(async () => {
  emulator = await emulatorFor({ now: clock.now, streams: [{ name: 's', shards: 1 }] });
  iterator = (await good('GetShardIterator', REQUESTS.GetShardIterator())).ShardIterator;
  const registered = await good('RegisterStreamConsumer', { StreamARN, ConsumerName: 'c' });
  consumer = registered.Consumer.ConsumerARN;
});

const REQUESTS = {
  PutRecord: () => ({ StreamName: 's', ...RECORD }),
  PutRecords: () => ({ StreamName: 's', Records: [RECORD, { ...RECORD, ExplicitHashKey: '5' }] }),
  GetShardIterator: () => ({ StreamARN, ShardId: SHARD, ShardIteratorType: 'TRIM_HORIZON' }),
  GetRecords: () => ({ ShardIterator: iterator }),
  SubscribeToShard: () => ({ ConsumerARN: consumer, ShardId: SHARD, StartingPosition: { Type: 'TRIM_HORIZON' } }),
};
const OPERATIONS = Object.entries(REQUESTS);

async function good(operation: string, body: unknown) {
  const response = await call(emulator, operation, body);
  expect(response.status).toBe(200);
  return JSON.parse(response.body);
}

/** Sends the request in CBOR, with its data as bytes. */
async function sendCbor(operation: string, body: object): Promise<{ status: number; value: unknown }> {
  const bytes = (record: { Data?: string }) => ({
    ...record,
    ...(record.Data && { Data: Buffer.from(record.Data, 'base64') }),
  });
  const all = { ...bytes(body), ...('Records' in body && { Records: (body.Records as object[]).map(bytes) }) };
  const response = await fetch(emulator.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-cbor-1.1',
      'x-amz-target': `Kinesis_20131202.${operation}`,
      'x-amz-date': '20260101T000000Z',
      authorization: SIGNED,
    },
    body: Buffer.from(cbor.serialize(all)),
  });
  return { status: response.status, value: cbor.deserialize(Buffer.from(await response.arrayBuffer())) };
}

test.each(OPERATIONS)('a dry run of %s says that it would succeed, and does nothing', async (operation, request) => {
  const dry = { ...request(), DryRun: true };
  const response = await call(emulator, operation, dry);
  expect(response.status).toBe(400);
  expect(JSON.parse(response.body)).toEqual(DRY);
  expect(await sendCbor(operation, dry)).toEqual({ status: 400, value: DRY });
  const { Records } = await good('GetRecords', { ShardIterator: iterator });
  expect(Records).toEqual([]);
});

test.each(OPERATIONS.filter(([name]) => name !== 'SubscribeToShard'))(
  '%s goes ahead where DryRun is false',
  async (operation, request) => {
    await good(operation, { ...request(), DryRun: false });
  },
);

test('a dry run does not count against the limits of its shard', async () => {
  const megabyte = { StreamName: 's', PartitionKey: 'k', Data: Buffer.alloc(1024 * 1024 - 1).toString('base64') };
  for (let i = 0; i < 3; i++) {
    expect(JSON.parse((await call(emulator, 'PutRecord', { ...megabyte, DryRun: true })).body)).toEqual(DRY);
  }
  await good('PutRecord', megabyte);
  for (let i = 0; i < 8; i++) {
    expect(JSON.parse((await call(emulator, 'GetRecords', { ShardIterator: iterator, DryRun: true })).body)).toEqual(
      DRY,
    );
  }
  expect((await good('GetRecords', { ShardIterator: iterator })).Records).toHaveLength(1);
});

test('a dry run of SubscribeToShard leaves the shard free for a subscription', async () => {
  const request = REQUESTS.SubscribeToShard();
  expect(JSON.parse((await call(emulator, 'SubscribeToShard', { ...request, DryRun: true })).body)).toEqual(DRY);
  const leave = new AbortController();
  const subscribed = await fetch(emulator.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Kinesis_20131202.SubscribeToShard',
      'x-amz-date': '20260101T000000Z',
      authorization: SIGNED,
    },
    body: JSON.stringify(request),
    signal: leave.signal,
  });
  expect(subscribed.status).toBe(200);
  // The next one finds the shard taken.
  const taken = await call(emulator, 'SubscribeToShard', { ...request, DryRun: true });
  expect(JSON.parse(taken.body).__type).toBe('ResourceInUseException');
  leave.abort();
});

const TOO_LARGE = Buffer.alloc(1024 * 1024).toString('base64');
test.each<[string, string, () => object]>([
  ['ResourceNotFoundException', 'PutRecord', () => ({ ...REQUESTS.PutRecord(), StreamName: 'none' })],
  ['ValidationException', 'PutRecord', () => ({ ...REQUESTS.PutRecord(), PartitionKey: '' })],
  ['ValidationException', 'PutRecord', () => ({ ...REQUESTS.PutRecord(), Data: TOO_LARGE })],
  ['InvalidArgumentException', 'PutRecord', () => ({ ...REQUESTS.PutRecord(), ExplicitHashKey: '9'.repeat(39) })],
  ['InvalidArgumentException', 'PutRecord', () => ({ ...REQUESTS.PutRecord(), SequenceNumberForOrdering: '5' })],
  ['ResourceNotFoundException', 'PutRecords', () => ({ ...REQUESTS.PutRecords(), StreamName: 'none' })],
  ['ValidationException', 'PutRecords', () => ({ StreamName: 's', Records: [RECORD, { ...RECORD, Data: TOO_LARGE }] })],
  [
    'InvalidArgumentException',
    'PutRecords',
    () => ({ StreamName: 's', Records: [RECORD, { ...RECORD, ExplicitHashKey: '9'.repeat(39) }] }),
  ],
  ['SerializationException', 'PutRecords', () => ({ StreamName: 's', Records: 'x' })],
  ['ResourceNotFoundException', 'GetShardIterator', () => ({ ...REQUESTS.GetShardIterator(), ShardId: '7' })],
  [
    'InvalidArgumentException',
    'GetShardIterator',
    () => ({ ...REQUESTS.GetShardIterator(), ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: '77' }),
  ],
  ['InvalidArgumentException', 'GetRecords', () => ({ ShardIterator: 'none' })],
  ['ResourceNotFoundException', 'SubscribeToShard', () => ({ ...REQUESTS.SubscribeToShard(), ShardId: '7' })],
  [
    'InvalidArgumentException',
    'SubscribeToShard',
    () => ({ ...REQUESTS.SubscribeToShard(), StartingPosition: { Type: 'AT_TIMESTAMP' } }),
  ],
])('a dry run returns the error that the request would: %s of %s', async (type, operation, request) => {
  const response = await call(emulator, operation, { ...request(), DryRun: true });
  expect(JSON.parse(response.body).__type).toBe(type);
});

test('a dry run of GetRecords says that its iterator has expired', async () => {
  clock.advance(300_001);
  const response = await call(emulator, 'GetRecords', { ShardIterator: iterator, DryRun: true });
  expect(JSON.parse(response.body).__type).toBe('ExpiredIteratorException');
});
