import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Emulator } from '../../../src/emulator/index.js';
import { type Metric, prometheusText } from '../../../src/emulator/observe/prometheus.js';
import { readExposition } from '../../support/exposition.js';
import { call, clientOf, emulatorFor, send, TestClock } from '../support.js';

const StreamName = 'orders';
const ORDERS = { account: '000000000000', region: 'us-east-1', stream: StreamName };

async function scrape(emulator: Emulator) {
  const response = await fetch(`${emulator.endpoint}/_kload/metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const families = readExposition(await response.text());
  return {
    families,
    /** The first value with these labels. */
    value(name: string, labels: Readonly<Record<string, string>> = {}, suffix = '') {
      const samples = families.get(name)?.samples.get(name + suffix) ?? [];
      return samples.find((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
        ?.value;
    },
  };
}

test('records and bytes in and out of a stream are counted', async () => {
  const emulator = await emulatorFor({ streams: [{ name: StreamName, shards: 2 }], limits: false });
  const client = clientOf(emulator);
  const Records = Array.from({ length: 10 }, (_, i) => ({ PartitionKey: `key-${i}`, Data: Buffer.alloc(100) }));
  await client.send(new PutRecordsCommand({ StreamName, Records }));
  let read = 0;
  for (const ShardId of ['0', '1']) {
    const input = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    const { ShardIterator } = await client.send(new GetShardIteratorCommand(input));
    if (ShardId === '1') read += (await client.send(new GetRecordsCommand({ ShardIterator }))).Records?.length ?? 0;
  }
  const { value, families } = await scrape(emulator);
  expect(value('kload_stream_records_in_total', ORDERS)).toBe(10);
  expect(value('kload_stream_bytes_in_total', ORDERS)).toBe(10 * (100 + 5));
  expect(value('kload_stream_records_out_total', ORDERS)).toBe(read);
  expect(value('kload_stream_bytes_out_total', ORDERS)).toBe(read * (100 + 5));
  expect(value('kload_stream_open_shards', ORDERS)).toBe(2);
  expect(value('kload_streams')).toBe(1);
  expect(value('kload_connections')).toBeGreaterThan(0);
  expect(value('kload_requests_total', { operation: 'GetShardIterator', code: '200' })).toBe(2);
  expect(value('kload_request_duration_seconds', { operation: 'GetShardIterator' }, '_count')).toBe(2);
  expect(value('kload_records_memory_bytes')).toBeGreaterThan(1000);
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(10 * 1024 ** 2);
  for (const [name, { help, type }] of families) {
    expect(help).not.toBe('');
    if (type === 'counter') expect(name).toMatch(/_total$/);
  }
});

test('records sent to subscriptions count as read', async () => {
  const emulator = await emulatorFor({ streams: [{ name: StreamName, shards: 1 }], limits: false });
  const client = clientOf(emulator);
  const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders';
  const { Consumer } = await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c' }));
  const Records = Array.from({ length: 10 }, (_, i) => ({ PartitionKey: `key-${i}`, Data: Buffer.alloc(100) }));
  await client.send(new PutRecordsCommand({ StreamName, Records }));
  const subscribe = new SubscribeToShardCommand({
    ConsumerARN: Consumer?.ConsumerARN,
    ShardId: 'shardId-000000000000',
    StartingPosition: { Type: 'TRIM_HORIZON' },
  });
  for await (const { SubscribeToShardEvent: event } of (await client.send(subscribe)).EventStream ?? []) {
    expect(event?.Records).toHaveLength(10);
    break;
  }
  const { value } = await scrape(emulator);
  expect(value('kload_stream_records_out_total', ORDERS)).toBe(10);
  expect(value('kload_stream_bytes_out_total', ORDERS)).toBe(10 * (100 + 5));
  expect(value('kload_requests_total', { operation: 'SubscribeToShard', code: '200' })).toBe(1);
});

test('refusals, limits and faults are counted apart', async () => {
  const clock = new TestClock();
  const faults = ['internal-error:operation=ListStreams,count=1', 'drop-connection:operation=DeleteStream,count=1'];
  const emulator = await emulatorFor({ streams: [{ name: StreamName, shards: 1 }], faults, now: clock.now });
  const Records = Array.from({ length: 500 }, () => ({ PartitionKey: 'k', Data: Buffer.from('x') }));
  for (let i = 0; i < 3; i++) await clientOf(emulator).send(new PutRecordsCommand({ StreamName, Records }));
  await expect(
    clientOf(emulator).send(new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: Buffer.from('x') })),
  ).rejects.toThrow();
  await call(emulator, 'ListStreams', {});
  await call(emulator, 'DescribeStreamSummary', { StreamName: 'none' });
  await expect(call(emulator, 'DeleteStream', { StreamName })).rejects.toThrow();
  await call(emulator, 'Nothing', {});
  const { value } = await scrape(emulator);
  const requests = (operation: string, code: string) => value('kload_requests_total', { operation, code });
  expect(requests('PutRecords', '200')).toBe(3);
  expect(requests('PutRecord', 'ProvisionedThroughputExceededException')).toBe(1);
  expect(requests('ListStreams', 'InternalFailure')).toBe(1);
  expect(requests('DescribeStreamSummary', 'ResourceNotFoundException')).toBe(1);
  expect(requests('DeleteStream', 'none')).toBe(1);
  expect(requests('unknown', 'UnknownOperationException')).toBe(1);
  expect(value('kload_stream_throttled_records_total', ORDERS)).toBe(501);
  expect(value('kload_faults_total', { fault: 'internal-error' })).toBe(1);
  expect(value('kload_faults_active')).toBe(2);
});

test('records removed because of the memory limit are counted, and logged once', async () => {
  const lines: string[] = [];
  const log = { level: 'error', write: (line: string) => lines.push(line) } as const;
  const memoryMaxBytes = 1024 * 1024;
  const streams = [{ name: StreamName, shards: 1 }];
  const emulator = await emulatorFor({ streams, limits: false, memoryMaxBytes, log });
  const Records = Array.from({ length: 100 }, (_, i) => ({ PartitionKey: `${i}`, Data: Buffer.alloc(5000) }));
  for (let i = 0; i < 6; i++) await clientOf(emulator).send(new PutRecordsCommand({ StreamName, Records }));
  const { value } = await scrape(emulator);
  expect(value('kload_records_evicted_total')).toBeGreaterThan(300);
  expect(value('kload_records_memory_bytes')).toBeLessThanOrEqual(memoryMaxBytes);
  expect(value('kload_records_memory_max_bytes')).toBe(memoryMaxBytes);
  expect(lines).toEqual([
    expect.stringMatching(/Z records fill their 1 MiB of memory: the oldest are removed, \d+ so far$/),
  ]);
});

test('health reports the version, the uptime and the number of streams', async () => {
  const emulator = await emulatorFor({ streams: [{ name: StreamName, shards: 1 }] });
  const headers = { authorization: undefined };
  const { status, body } = await send(emulator, { method: 'GET', path: '/_kload/health', headers });
  expect(status).toBe(200);
  const version = expect.stringMatching(/^\d+\.\d+\.\d+/);
  expect(JSON.parse(body)).toEqual({ status: 'ok', version, uptimeSeconds: expect.any(Number), streams: 1 });
});

test('labels and help texts are escaped so that any text is read back', () => {
  const value = fc.oneof(fc.double({ noNaN: true }), fc.constant(Number.POSITIVE_INFINITY), fc.nat());
  const labels = fc.record({
    stream: fc.string({ unit: 'binary' }),
    quote: fc.constantFrom('"', '\\', '\n', '\\n', ''),
  });
  const metric = fc.record({ help: fc.string().map((text) => `h${text}`), labels, value });
  fc.assert(
    fc.property(fc.array(metric, { minLength: 1 }), (all) => {
      const metrics = all.map(({ help, labels, value }, i): Metric => {
        return { name: `m${i}`, type: 'gauge', help, samples: [{ labels, value }] };
      });
      const read = readExposition(prometheusText(metrics));
      all.forEach(({ help, labels, value }, i) => {
        expect(read.get(`m${i}`)?.help).toBe(help);
        expect(read.get(`m${i}`)?.samples.get(`m${i}`)).toEqual([{ labels, value: value === 0 ? 0 : value }]);
      });
    }),
  );
});
