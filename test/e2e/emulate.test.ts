import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import { expect, onTestFinished, test } from 'vitest';
import { folder, kload, startEmulator, startEmulatorIn } from '../support/kload.js';

const StreamName = 'orders';

function clientOf(endpoint: string, accessKeyId = 'test', region = 'us-east-1'): KinesisClient {
  const credentials = { accessKeyId, secretAccessKey: 'test' };
  const client = new KinesisClient({ endpoint, region, credentials, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

const put = () => new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: Buffer.from('x') });
const summary = (name = StreamName) => new DescribeStreamSummaryCommand({ StreamName: name });

test('it begins with its streams, of the account and in the region that were asked for', async () => {
  const args = ['--stream', 'orders:3', '--stream', 'clicks:on-demand', '--account', '123456789012'];
  await using emulator = await startEmulator(...args, '--region', 'eu-west-1');
  const client = clientOf(emulator.endpoint, 'test', 'eu-west-1');
  const { StreamDescriptionSummary: orders } = await client.send(summary());
  const StreamARN = 'arn:aws:kinesis:eu-west-1:123456789012:stream/orders';
  expect(orders).toMatchObject({ StreamARN, OpenShardCount: 3, StreamStatus: 'ACTIVE' });
  const { StreamDescriptionSummary: clicks } = await client.send(summary('clicks'));
  expect(clicks).toMatchObject({ OpenShardCount: 4, StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
});

test('streams that were kept are as they were, and it says nothing else of them', async () => {
  using files = folder();
  const kept = ['--data-dir', files.path('data'), '--stream'];
  const first = await startEmulator(...kept, 'orders:2');
  first.child.kill('SIGTERM');
  await first.ended;
  const second = await startEmulator(...kept, 'orders:4');
  const { StreamDescriptionSummary: orders } = await clientOf(second.endpoint).send(summary());
  expect(orders).toMatchObject({ OpenShardCount: 2 });
  second.child.kill('SIGTERM');
  expect((await second.ended).stdout).toMatch(/, streams: orders\n$/);
});

test('streams that clients make take their time', async () => {
  await using emulator = await startEmulator('--create-delay', '1h');
  const client = clientOf(emulator.endpoint);
  await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  expect((await client.send(summary())).StreamDescriptionSummary?.StreamStatus).toBe('CREATING');
});

test('limits come from a file', async () => {
  using files = folder();
  writeFileSync(files.path('limits.json'), '{"shardWriteRecordsPerSecond": 1}');
  await using emulator = await startEmulator('--stream', 'orders', '--limits', files.path('limits.json'));
  const client = clientOf(emulator.endpoint);
  const puts = await Promise.allSettled([client.send(put()), client.send(put())]);
  expect(puts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('faults happen, and requests are written to standard error', async () => {
  const args = ['--stream', 'orders', '--fault', 'internal-error:operation=PutRecord,count=1', '--log-format', 'json'];
  const emulator = await startEmulator(...args);
  const client = clientOf(emulator.endpoint);
  await expect(client.send(put())).rejects.toMatchObject({ name: 'InternalFailure' });
  await client.send(put());
  emulator.child.kill('SIGTERM');
  const { code, stdout, stderr } = await emulator.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Kinesis is emulated at http:\/\/127\.0\.0\.1:\d+, streams: orders \(1\)\n$/);
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const line = { operation: 'PutRecord', stream: 'orders' };
  expect(lines).toMatchObject([
    { ...line, level: 'error', status: 500, error: 'InternalFailure' },
    { ...line, status: 200 },
  ]);
});

test('it serves one access key alone where it is told to', async () => {
  await using emulator = await startEmulatorIn({ KLOAD_VERIFY_SIGNATURES: 'known:test' }, '--stream', 'orders');
  await clientOf(emulator.endpoint, 'known').send(put());
  await expect(clientOf(emulator.endpoint, 'other').send(put())).rejects.toMatchObject({
    name: 'UnrecognizedClientException',
  });
  const { endpoint } = emulator;
  const credentials = { accessKeyId: 'known', secretAccessKey: 'wrong' };
  const impostor = new KinesisClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  onTestFinished(() => impostor.destroy());
  await expect(impostor.send(put())).rejects.toMatchObject({ name: 'InvalidSignatureException' });
});

test('a log that nobody reads does not hold up requests', { tags: 'long' }, async () => {
  await using emulator = await startEmulator('--stream', 'orders', '--limits', 'off', '--log-level', 'debug');
  emulator.child.stderr.pause();
  const client = clientOf(emulator.endpoint);
  // Some 100 bytes a line; a pipe holds 64 KiB, and what reads it here some more.
  for (let i = 0; i < 40; i++) await Promise.all(Array.from({ length: 100 }, () => client.send(put())));
  expect((await fetch(`${emulator.endpoint}/_kload/health`)).status).toBe(200);
});

test('it ends cleanly with connections and event streams open', async () => {
  await using emulator = await startEmulator('--stream', StreamName, '--log-level', 'off');
  const client = clientOf(emulator.endpoint);
  const { StreamDescriptionSummary } = await client.send(summary());
  const StreamARN = StreamDescriptionSummary?.StreamARN;
  const { Consumer } = await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c' }));
  const { EventStream } = await client.send(
    new SubscribeToShardCommand({
      ConsumerARN: Consumer?.ConsumerARN,
      ShardId: 'shardId-000000000000',
      StartingPosition: { Type: 'TRIM_HORIZON' },
    }),
  );
  await client.send(put());
  const events = EventStream![Symbol.asyncIterator]();
  const { value } = await events.next();
  expect(value.SubscribeToShardEvent.Records).toHaveLength(1);
  const next = events.next().then(
    ({ done }) => done,
    () => true,
  );
  const socket = connect(Number(new URL(emulator.endpoint).port), '127.0.0.1');
  await once(socket, 'connect');
  emulator.child.kill('SIGTERM');
  expect(await emulator.ended).toMatchObject({ code: 0, stderr: '' });
  expect(await next).toBe(true);
  socket.destroy();
});

test('it prints what clients have to trust', async () => {
  await using emulator = await startEmulator('--print-ca');
  const [pem] = await emulator.printed(/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/);
  expect(await (await fetch(`${emulator.endpoint}/_kload/ca.pem`)).text()).toContain(pem);
});

test.each([
  [['--fault', 'slow'], /--fault: there is no fault 'slow'; the faults are provisioned-throughput-exception, /],
  [['--limits', 'none.json'], /--limits: the file cannot be read: ENOENT.*none\.json/],
  [['--host', '192.0.2.1'], /the emulator cannot listen: .*192\.0\.2\.1/],
  [['--tls-cert', 'a.pem', '--tls-key', 'b.pem'], /--tls-cert: the file cannot be read: ENOENT/],
  [['--verify-signatures', 'secret'], /--verify-signatures takes an access key ID and its secret/],
  [['--log-level', 'loud'], /--log-level takes off, error, info, debug, not 'loud'/],
  [['--stream', 'a', '--stream', 'a'], /--stream names a twice/],
])('%j is refused in one line', async (args, message) => {
  const { code, stdout, stderr } = await kload(['emulate', '--port', '0', ...args]);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

test('a port that is taken is told, with what to do', async () => {
  await using emulator = await startEmulator();
  const { port } = new URL(emulator.endpoint);
  const { code, stderr } = await kload(['emulate', '--port', port]);
  expect(code).toBe(2);
  expect(stderr).toContain(`port ${port} of 127.0.0.1 is already in use`);
  expect(stderr).toContain('--port 0');
});
