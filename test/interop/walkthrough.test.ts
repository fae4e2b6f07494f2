import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awsCli, clientEnv, interopFile, python } from './support/tools.js';
import { type Served, serve, TRANSPORTS } from './support/transports.js';

/**
 * The walkthrough that a Kinesis emulator's users go through, with the AWS CLI itself: create, put, read, scale, tag,
 * delete; then its Python script, unchanged. What the CLI prints is looked at as its user would.
 */

const run = promisify(execFile);
const BASE64_PAYLOADS = [
  '{"event":"login","user":"tarek"}',
  '{"event":"purchase","user":"alice","amount":99.99}',
  '{"event":"logout","user":"tarek"}',
].map((text) => Buffer.from(text).toString('base64'));
const KEYS = ['user-1', 'user-2', 'user-1'];
const ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/my-stream';
const SEQUENCE_NUMBER = expect.stringMatching(/^\d{56}$/);

let served: Served;

beforeAll(async () => {
  served = await serve();
});

afterAll(() => served?.[Symbol.asyncDispose]());

describe.each(TRANSPORTS)('the walkthrough with the AWS CLI, %s', (transport) => {
  async function aws(...args: string[]): Promise<string> {
    const env = { ...clientEnv('test'), AWS_CA_BUNDLE: served.caFile };
    const { stdout } = await run(awsCli(), ['--endpoint-url', served[transport], 'kinesis', ...args], { env });
    return stdout;
  }

  const awsJson = async (...args: string[]): Promise<unknown> => JSON.parse(await aws(...args));
  const stream = ['--stream-name', 'my-stream'] as const;

  const untilActive = async (): Promise<void> => {
    await aws('wait', 'stream-exists', ...stream);
  };

  test('creates a stream, without output', async () => {
    expect(await aws('create-stream', ...stream, '--shard-count', '1')).toBe('');
    await untilActive();
  });

  test('describes it', async () => {
    expect(await awsJson('describe-stream', ...stream)).toEqual({
      StreamDescription: {
        Shards: [
          {
            ShardId: 'shardId-000000000000',
            HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(2n ** 128n - 1n) },
            SequenceNumberRange: { StartingSequenceNumber: SEQUENCE_NUMBER },
          },
        ],
        StreamARN: ARN,
        StreamName: 'my-stream',
        StreamStatus: 'ACTIVE',
        RetentionPeriodHours: 24,
        EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
        EncryptionType: 'NONE',
        // The CLI puts it there where pages had none, and leaves out the mode.
        KeyId: null,
        StreamCreationTimestamp: expect.any(Number),
      },
    });
  });

  test('puts three records', async () => {
    const numbers: string[] = [];
    for (const [index, payload] of BASE64_PAYLOADS.entries()) {
      const put = ['--partition-key', KEYS[index] ?? '', '--data', payload];
      const answer = await awsJson('put-record', ...stream, ...put);
      expect(answer).toEqual({ ShardId: 'shardId-000000000000', SequenceNumber: SEQUENCE_NUMBER });
      numbers.push((answer as { SequenceNumber: string }).SequenceNumber);
    }
    expect([...numbers].sort()).toEqual(numbers);
  });

  test('reads all of them by an iterator', async () => {
    const shard = await aws(
      'describe-stream',
      ...stream,
      ...['--query', 'StreamDescription.Shards[0].ShardId', '--output', 'text'],
    );
    expect(shard).toBe('shardId-000000000000\n');
    const iterator = await aws(
      'get-shard-iterator',
      ...stream,
      ...['--shard-id', shard.trim(), '--shard-iterator-type', 'TRIM_HORIZON'],
      ...['--query', 'ShardIterator', '--output', 'text'],
    );
    expect(await awsJson('get-records', '--shard-iterator', iterator.trim())).toEqual({
      Records: BASE64_PAYLOADS.map((payload, index) => ({
        SequenceNumber: SEQUENCE_NUMBER,
        ApproximateArrivalTimestamp: expect.any(Number),
        // The CLI of this version sends what it is given and prints what it gets in base64, as the walkthrough shows.
        Data: Buffer.from(payload).toString('base64'),
        PartitionKey: KEYS[index],
      })),
      NextShardIterator: expect.any(String),
      MillisBehindLatest: 0,
    });
  });

  test('lists streams and describes them in short', async () => {
    const inShort = {
      StreamName: 'my-stream',
      StreamARN: ARN,
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      StreamCreationTimestamp: expect.any(Number),
    };
    expect(await awsJson('list-streams')).toEqual({ StreamNames: ['my-stream'], StreamSummaries: [inShort] });
    expect(await awsJson('describe-stream-summary', ...stream)).toEqual({
      StreamDescriptionSummary: expect.objectContaining({
        ...inShort,
        RetentionPeriodHours: 24,
        EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
        EncryptionType: 'NONE',
        OpenShardCount: 1,
      }),
    });
  });

  test('scales from one shard to two', async () => {
    const two = ['--target-shard-count', '2', '--scaling-type', 'UNIFORM_SCALING'];
    expect(await awsJson('update-shard-count', ...stream, ...two)).toEqual({
      StreamName: 'my-stream',
      StreamARN: ARN,
      CurrentShardCount: 1,
      TargetShardCount: 2,
    });
    await untilActive();
  });

  test('tags it', async () => {
    expect(await aws('add-tags-to-stream', ...stream, '--tags', 'env=dev,team=platform')).toBe('');
    expect(await awsJson('list-tags-for-stream', ...stream)).toEqual({
      Tags: [
        { Key: 'env', Value: 'dev' },
        { Key: 'team', Value: 'platform' },
      ],
      HasMoreTags: false,
    });
  });

  test('deletes it', async () => {
    expect(await aws('delete-stream', ...stream)).toBe('');
    await aws('wait', 'stream-not-exists', ...stream);
    expect(await awsJson('list-streams')).toEqual({ StreamNames: [], StreamSummaries: [] });
  });

  test('says what is wrong and fails', async () => {
    await expect(aws('describe-stream', ...stream)).rejects.toMatchObject({
      code: 255,
      stderr: expect.stringContaining(
        'An error occurred (ResourceNotFoundException) when calling the DescribeStream operation: ' +
          'Stream my-stream under account 000000000000 not found.',
      ),
    });
  });

  test('its Python script runs unchanged', async () => {
    const env = { ...clientEnv('test'), AWS_CA_BUNDLE: served.caFile, AWS_ENDPOINT_URL: served[transport] };
    const { stdout } = await run(python(), [interopFile('fixtures/kinesis_demo.py')], { env });
    expect(stdout.split('\n')).toEqual([
      "Sent: {'event': 'login', 'user': 'tarek'}",
      "Sent: {'event': 'purchase', 'user': 'alice', 'amount': 99.99}",
      "Sent: {'event': 'logout', 'user': 'tarek'}",
      '',
      'Received 3 records:',
      "  PartitionKey=user-tarek -> {'event': 'login', 'user': 'tarek'}",
      "  PartitionKey=user-alice -> {'event': 'purchase', 'user': 'alice', 'amount': 99.99}",
      "  PartitionKey=user-tarek -> {'event': 'logout', 'user': 'tarek'}",
      '',
      'Stream deleted.',
      '',
    ]);
  });
});
