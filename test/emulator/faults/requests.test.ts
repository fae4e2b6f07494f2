import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../../src/emulator/index.js';
import { clientOf, emulatorFor, TestClock } from '../support.js';

const StreamName = 'orders';

async function started(faults: readonly string[], options: EmulatorOptions = {}) {
  const streams = [{ name: StreamName, shards: 2 }];
  const emulator = await emulatorFor({ streams, limits: false, faults, ...options });
  return { emulator, client: clientOf(emulator) };
}

function put(client: KinesisClient, PartitionKey = 'k') {
  return client.send(new PutRecordCommand({ StreamName, PartitionKey, Data: Buffer.from('x') }));
}

/** Sends one PutRecords. `outcomes` has the error code or the shard of each record. */
async function putMany(client: KinesisClient, count: number) {
  const Records = Array.from({ length: count }, (_, i) => ({ PartitionKey: `key-${i}`, Data: Buffer.from('x') }));
  const response = await client.send(new PutRecordsCommand({ StreamName, Records }));
  const outcomes = (response.Records ?? []).map(({ ErrorCode, ShardId }) => ErrorCode ?? ShardId ?? '');
  expect(response.FailedRecordCount).toBe(outcomes.filter((outcome) => !outcome.startsWith('shardId')).length);
  return { outcomes, records: response.Records ?? [] };
}

async function iterator(client: KinesisClient, ShardId: string): Promise<string> {
  const Type = 'TRIM_HORIZON' as const;
  const input = { StreamName, ShardId, ShardIteratorType: Type };
  return (await client.send(new GetShardIteratorCommand(input))).ShardIterator ?? '';
}

async function storedRecords(client: KinesisClient): Promise<number> {
  let count = 0;
  for (const ShardId of ['shardId-000000000000', 'shardId-000000000001']) {
    const { Records = [] } = await client.send(
      new GetRecordsCommand({ ShardIterator: await iterator(client, ShardId) }),
    );
    count += Records.length;
  }
  return count;
}

function control(emulator: Emulator, method: string, path = '', body?: string) {
  return fetch(`${emulator.endpoint}/_kload/faults${path}`, { method, ...(body === undefined ? {} : { body }) });
}

describe('a client', () => {
  test.each([
    ['internal-error', 'InternalFailure', 500],
    ['throttle-error', 'ThrottlingException', 400],
    ['unavailable-error', 'ServiceUnavailable', 503],
    ['provisioned-throughput-exception', 'ProvisionedThroughputExceededException', 400],
  ])('gets, with %s, the error %s and the status %i', async (fault, name, httpStatusCode) => {
    const { client } = await started([`${fault}:count=1`]);
    await expect(put(client)).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    await expect(put(client)).resolves.toHaveProperty('SequenceNumber');
  });

  test('gets ExpiredIteratorException for a fresh iterator', async () => {
    const { client } = await started(['aws:kinesis:stream-expired-iterator-exception:count=1']);
    const ShardIterator = await iterator(client, 'shardId-000000000000');
    const read = () => client.send(new GetRecordsCommand({ ShardIterator }));
    await expect(read()).rejects.toMatchObject({
      name: 'ExpiredIteratorException',
      message: expect.stringMatching(/^Iterator expired\. .* tolerated delay of 300000 milliseconds\.$/),
    });
    await expect(read()).resolves.toHaveProperty('Records');
  });

  test('sees single records fail, and these are not stored', async () => {
    const { client } = await started(['provisioned-throughput-exception:operation=PutRecords,percentage=20']);
    const { outcomes, records } = await putMany(client, 500);
    const failed = outcomes.filter((outcome) => outcome === 'ProvisionedThroughputExceededException').length;
    expect(failed).toBeGreaterThan(50);
    expect(failed).toBeLessThan(150);
    const one = records.find(({ ErrorCode }) => ErrorCode !== undefined);
    expect(one).not.toHaveProperty('SequenceNumber');
    expect(one?.ErrorMessage).toMatch(
      /^Rate exceeded for shard shardId-00000000000[01] in stream orders under account/,
    );
    expect(await storedRecords(client)).toBe(500 - failed);
  });

  test('sees the records of one shard fail', async () => {
    const { client } = await started(['internal-error:shard=1,per=record,operation=PutRecords']);
    const { outcomes } = await putMany(client, 100);
    expect(new Set(outcomes)).toEqual(new Set(['shardId-000000000000', 'InternalFailure']));
  });

  test('gets the same failures from the same seed', async () => {
    const faults = ['provisioned-throughput-exception:operation=PutRecords,percentage=10'];
    const run = async (faultSeed: number) => {
      const { client } = await started(faults, { faultSeed });
      return [...(await putMany(client, 200)).outcomes, ...(await putMany(client, 200)).outcomes];
    };
    const first = await run(5);
    expect(await run(5)).toEqual(first);
    expect(await run(6)).not.toEqual(first);
  });

  test('is hit by faults of a stream and shard, however a request names them', async () => {
    const { client } = await started(['unavailable-error:stream=orders,shard=1']);
    await client.send(new CreateStreamCommand({ StreamName: 'other', ShardCount: 2 }));
    const unavailable = expect.objectContaining({ name: 'ServiceUnavailable' });
    await expect(iterator(client, 'shardId-000000000001')).rejects.toEqual(unavailable);
    await iterator(client, 'shardId-000000000000');
    await client.send(new ListShardsCommand({ StreamName }));
    const writes = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((key) => put(client, key)));
    expect(new Set(writes.map(({ status }) => status))).toEqual(new Set(['fulfilled', 'rejected']));
    const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders';
    const records = [{ PartitionKey: 'k', ExplicitHashKey: String(2n ** 128n - 1n), Data: Buffer.from('x') }];
    await expect(client.send(new PutRecordsCommand({ StreamARN, Records: records }))).rejects.toEqual(unavailable);
    await client.send(new PutRecordsCommand({ StreamName: 'other', Records: records }));
  });

  test('is hit by a fault of the shard that its iterator names', async () => {
    const { client, emulator } = await started([]);
    const ShardIterator = await iterator(client, 'shardId-000000000001');
    await control(emulator, 'POST', '', 'provisioned-throughput-exception:stream=orders,shard=1');
    await expect(client.send(new GetRecordsCommand({ ShardIterator }))).rejects.toMatchObject({
      message: 'Rate exceeded for shard shardId-000000000001 in stream orders under account 000000000000.',
    });
  });

  test('loses its connection before the request is handled', async () => {
    for (const fault of ['drop-connection', 'reset-connection']) {
      const { client } = await started([`${fault}:operation=PutRecord,count=1`]);
      await expect(put(client)).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(await storedRecords(client)).toBe(0);
    }
  });

  test('loses the response to a write that was stored', async () => {
    const { client } = await started(['lose-response:operation=PutRecord,count=1']);
    await expect(put(client)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await storedRecords(client)).toBe(1);
  });

  test('waits for a delayed response', async () => {
    const { client } = await started(['latency:delay=60ms,operation=PutRecord']);
    const startedMs = performance.now();
    await put(client);
    // Timers may fire a fraction of a millisecond early.
    expect(performance.now() - startedMs).toBeGreaterThan(58);
  });

  test('is hit by a fault only between its start and its end', async () => {
    const clock = new TestClock();
    const { client } = await started(['throttle-error:after=10s,duration=1m'], { now: clock.now });
    const isThrottled = () =>
      client.send(new ListStreamsCommand({})).then(
        () => false,
        ({ name }) => name === 'ThrottlingException',
      );
    const seen: boolean[] = [];
    for (const advanceMs of [0, 10_000, 59_999, 1]) {
      clock.advance(advanceMs);
      seen.push(await isThrottled());
    }
    expect(seen).toEqual([false, true, true, false]);
  });
});

describe('/_kload/faults', () => {
  test('sets faults, lists them with their hits, and removes them', async () => {
    const { emulator, client } = await started(['internal-error:operation=PutRecord,count=1'], { faultSeed: 9 });
    const first = {
      id: '1',
      fault: 'internal-error:operation=PutRecord,count=1',
      action: 'aws:fis:inject-api-internal-error',
      state: 'active',
      considered: 0,
      hits: 0,
    };
    expect(await (await control(emulator, 'GET')).json()).toEqual({ seed: 9, faults: [first] });
    const json = { action: 'latency', delay: '5ms', operations: ['ListStreams'], after: '1h' };
    const created = await control(emulator, 'POST', '', JSON.stringify(json));
    expect(created.status).toBe(201);
    const second = { id: '2', fault: 'latency:delay=5ms,operation=ListStreams,after=1h', state: 'waiting' };
    expect(await created.json()).toMatchObject(second);
    await expect(put(client)).rejects.toThrow();
    await put(client);
    const hit = { ...first, state: 'over', considered: 2, hits: 1 };
    expect(await (await control(emulator, 'GET', '/1')).json()).toEqual(hit);
    expect(await (await control(emulator, 'DELETE', '/1')).json()).toEqual(hit);
    expect((await control(emulator, 'DELETE', '/1')).status).toBe(404);
    expect(await (await control(emulator, 'DELETE')).json()).toEqual({ removed: 1 });
    expect(await (await control(emulator, 'GET')).json()).toEqual({ seed: 9, faults: [] });
  });

  test.each([
    ['POST', '', '{', 400, 'begins with { but is not valid JSON'],
    ['POST', '', 'slow', 400, "there is no fault 'slow'; the faults are provisioned-throughput-exception"],
    ['POST', '/1', 'latency', 405, 'GET, DELETE'],
    ['PUT', '', '', 405, 'GET, POST, DELETE'],
  ])('refuses %s %s %s', async (method, path, body, status, message) => {
    const response = await control((await started([])).emulator, method, path, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.stringContaining(message) });
  });

  test('refuses more than 1,000 faults', async () => {
    const { emulator } = await started(Array.from({ length: 1000 }, () => 'internal-error:operation=PutRecord'));
    expect((await control(emulator, 'POST', '', 'internal-error')).status).toBe(400);
  });
});

test('an emulator does not start with a fault that is not valid', async () => {
  await expect(startEmulator({ faults: ['slow'] })).rejects.toThrow("there is no fault 'slow'");
});
