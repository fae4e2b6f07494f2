import { describe, expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.js';
import { call, emulatorFor } from './support.js';

interface Refusal {
  readonly __type: string;
  readonly message?: string;
}

async function refusal(emulator: Emulator, operation: string, body: unknown): Promise<Refusal> {
  const { status, body: text } = await call(emulator, operation, body);
  expect(status).toBe(400);
  return JSON.parse(text);
}

async function violations(operation: string, body: unknown): Promise<string | undefined> {
  const response = await refusal(await emulatorFor({ streams: [{ name: 's', shards: 1 }] }), operation, body);
  expect(response.__type).toBe('ValidationException');
  return response.message;
}

describe('a request that violates constraints', () => {
  test('gets the service’s message about the member and the constraint', async () => {
    const long = 'k'.repeat(257);
    const Records = [{ Data: '', PartitionKey: long }];
    expect(await violations('PutRecords', { StreamName: 's', Records })).toBe(
      `1 validation error detected: Value '${long}' at 'records.1.member.partitionKey' failed to satisfy constraint: ` +
        'Member must have length less than or equal to 256',
    );
  });

  test('gets all violations in one message', async () => {
    const Records = [{ Data: '', PartitionKey: '', ExplicitHashKey: '007' }, { PartitionKey: 'k' }];
    expect(await violations('PutRecords', { StreamName: 'a b', Records })).toBe(
      [
        "4 validation errors detected: Value 'a b' at 'streamName' failed to satisfy constraint: " +
          'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+',
        "Value '007' at 'records.1.member.explicitHashKey' failed to satisfy constraint: " +
          'Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38})',
        "Value '' at 'records.1.member.partitionKey' failed to satisfy constraint: " +
          'Member must have length greater than or equal to 1',
        "Value null at 'records.2.member.data' failed to satisfy constraint: Member must not be null",
      ].join('; '),
    );
  });

  test.each([
    ['CreateStream', {}, "Value null at 'streamName' failed to satisfy constraint: Member must not be null"],
    [
      'CreateStream',
      { StreamName: 't', ShardCount: 0 },
      "Value '0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      'CreateStream',
      { StreamName: 't', MaxRecordSizeInKiB: 10_241 },
      "Value '10241' at 'maxRecordSizeInKiB' failed to satisfy constraint: Member must have value less than or " +
        'equal to 10240',
    ],
    [
      'CreateStream',
      { StreamName: 't', StreamModeDetails: { StreamMode: 'FAST' } },
      "Value 'FAST' at 'streamModeDetails.streamMode' failed to satisfy constraint: " +
        'Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]',
    ],
    [
      'PutRecords',
      { StreamName: 's', Records: [] },
      "Value '[]' at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'PutRecords',
      { StreamName: 's', Records: Array.from({ length: 501 }, () => ({ Data: '', PartitionKey: 'k' })) },
      `Value '[${Array(501).fill('com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310').join(', ')}]' ` +
        "at 'records' failed to satisfy constraint: Member must have length less than or equal to 500",
    ],
    [
      'GetRecords',
      { ShardIterator: 'x', Limit: 10_001 },
      "Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
    ],
    [
      'PutRecord',
      { StreamName: 's', PartitionKey: 'k', Data: Buffer.alloc(1024 * 1024 + 1).toString('base64') },
      "Value 'java.nio.HeapByteBuffer[pos=0 lim=1048577 cap=1048577]' at 'data' failed to satisfy constraint: " +
        'Member must have length less than or equal to 1048576',
    ],
    [
      'AddTagsToStream',
      { StreamName: 's', Tags: { a: '1', ['k'.repeat(129)]: '2', '': '3' } },
      `Value '{a=1, ${'k'.repeat(129)}=2, =3}' at 'tags' failed to satisfy constraint: Map keys must satisfy ` +
        'constraint: ' +
        '[Member must have length less than or equal to 128, Member must have length greater than or equal to 1]',
    ],
    [
      'AddTagsToStream',
      { StreamName: 's', Tags: { a: 'v'.repeat(257), b: '' } },
      `Value '{a=${'v'.repeat(257)}, b=}' at 'tags' failed to satisfy constraint: Map value must satisfy constraint: ` +
        '[Member must have length less than or equal to 256, Member must have length greater than or equal to 0]',
    ],
  ])('%s: %#', async (operation, body, expected) => {
    expect(await violations(operation, body)).toBe(`1 validation error detected: ${expected}`);
  });

  test('counts characters, not code units', async () => {
    const emulator = await emulatorFor({ streams: [{ name: 's', shards: 1 }] });
    const record = { StreamName: 's', Data: '', PartitionKey: '😀'.repeat(256) };
    expect((await call(emulator, 'PutRecord', record)).status).toBe(200);
    await refusal(emulator, 'PutRecord', { ...record, PartitionKey: '😀'.repeat(257) });
  });
});

describe('a start position', () => {
  const start = { StreamName: 's', ShardId: 'shardId-0', ShardIteratorType: 'LATEST' };
  const either =
    'Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or ' +
    '(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. ';

  test.each([
    [
      { ShardIteratorType: 'AT_SEQUENCE_NUMBER' },
      `${either}Request specified AT_SEQUENCE_NUMBER and no StartingSequenceNumber.`,
    ],
    [{ StartingSequenceNumber: '5' }, `${either}Request specified LATEST and also a StartingSequenceNumber.`],
    [
      { ShardIteratorType: 'AT_TIMESTAMP' },
      'Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no ' +
        'timestamp parameter.',
    ],
  ])('that is incomplete is refused with the service’s message: %j', async (given, message) => {
    const emulator = await emulatorFor({ streams: [{ name: 's', shards: 1 }] });
    const refused = await refusal(emulator, 'GetShardIterator', { ...start, ...given });
    expect(refused).toEqual({ __type: 'InvalidArgumentException', message });
  });

  test.each([
    ['2147483647', 'Shard shardId-002147483647 in stream t under account 000000000000 does not exist'],
    ['x-0000002147483647', 'Could not find shard x-0000002147483647 in stream t under account 000000000000.'],
    ['2147483648', 'Could not find shard 2147483648 in stream t under account 000000000000.'],
    ['shardId-002147483648', 'Could not find shard shardId-002147483648 in stream t under account 000000000000.'],
    ['ABKLFD8', 'Could not find shard ABKLFD8 in stream t under account 000000000000.'],
    ['2.14E4', 'Could not find shard 2.14E4 in stream t under account 000000000000.'],
  ])('in shard %s of an unknown stream is not found', async (ShardId, message) => {
    const refused = await refusal(await emulatorFor(), 'GetShardIterator', { ...start, StreamName: 't', ShardId });
    expect(refused).toEqual({ __type: 'ResourceNotFoundException', message });
  });
});

describe('the size of a record', () => {
  test('includes its key, and is limited by the stream', async () => {
    const emulator = await emulatorFor({ limits: false, streams: [{ name: 's', shards: 1 }] });
    await call(emulator, 'CreateStream', { StreamName: 'big', ShardCount: 1, MaxRecordSizeInKiB: 10_240 });
    const put = async (StreamName: string, bytes: number) =>
      (
        await call(emulator, 'PutRecord', {
          StreamName,
          PartitionKey: 'key',
          Data: Buffer.alloc(bytes).toString('base64'),
        })
      ).status;
    expect(await put('s', 1024 * 1024 - 3)).toBe(200);
    expect(await put('s', 1024 * 1024 - 2)).toBe(400);
    expect(await put('big', 10 * 1024 * 1024 - 3)).toBe(200);
    expect(await put('big', 10 * 1024 * 1024 - 2)).toBe(400);
  });

  test('is at most 10 MiB for all records of a request', async () => {
    const emulator = await emulatorFor({ limits: false, streams: [{ name: 's', shards: 1 }] });
    const Records = Array.from({ length: 10 }, () => ({
      PartitionKey: 'k',
      Data: Buffer.alloc(1024 * 1024 - 1).toString('base64'),
    }));
    expect((await call(emulator, 'PutRecords', { StreamName: 's', Records })).status).toBe(200);
    Records.push({ PartitionKey: 'k', Data: '' });
    expect(await refusal(emulator, 'PutRecords', { StreamName: 's', Records })).toEqual({
      __type: 'InvalidArgumentException',
      message: 'Records size exceeds 10 MB limit',
    });
  });
});

describe('a request of wrong types', () => {
  test.each([
    ['{', undefined],
    ['[]', 'Start of list found where not expected'],
    [
      { StreamName: 5 },
      'class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String',
    ],
    [{ StreamName: {} }, 'Start of structure or map found where not expected.'],
    [{ Records: 'x' }, 'Expected list or null'],
    [
      { Records: [{ Data: 'YQ' }] },
      "'YQ' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 2",
    ],
    [{ Records: [{ Data: 'YW-j' }] }, "'YW-j' can not be converted to a Blob: Invalid Base64 character: '-'"],
    [{ Records: [{ Data: 'Y=Fj' }] }, "'Y=Fj' can not be converted to a Blob: Invalid Base64 character: '='"],
    [{ Records: [{ PartitionKey: true }] }, 'class java.lang.Boolean can not be converted to an String'],
  ])('is a SerializationException: %j', async (body, message) => {
    const emulator = await emulatorFor();
    expect(await refusal(emulator, 'PutRecords', body)).toEqual({ __type: 'SerializationException', Message: message });
  });

  test.each([
    ['now', 'class java.lang.String can not be converted to milliseconds since epoch'],
    [true, 'class java.lang.Boolean can not be converted to milliseconds since epoch'],
  ])('cannot have the time %j', async (Timestamp, message) => {
    const refused = await refusal(await emulatorFor(), 'GetShardIterator', { StreamName: 's', Timestamp });
    expect(refused).toEqual({ __type: 'SerializationException', Message: message });
  });

  test('stores none of its records', async () => {
    const emulator = await emulatorFor({ streams: [{ name: 's', shards: 1 }] });
    const good = { Data: 'YQ==', PartitionKey: 'k' };
    for (const bad of [
      { ...good, Data: '*' },
      { ...good, ExplicitHashKey: '9'.repeat(39) },
    ]) {
      await refusal(emulator, 'PutRecords', { StreamName: 's', Records: [good, bad] });
    }
    const start = { StreamName: 's', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = JSON.parse((await call(emulator, 'GetShardIterator', start)).body);
    expect(JSON.parse((await call(emulator, 'GetRecords', { ShardIterator })).body)).toMatchObject({ Records: [] });
  });
});
