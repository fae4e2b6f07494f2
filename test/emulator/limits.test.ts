import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS, type LimitsSetting, parseLimits } from '../../src/emulator/index.js';
import { CallRates } from '../../src/emulator/limits/call-rates.js';
import { limitsOf } from '../../src/emulator/limits/limits.js';
import { TokenBucket } from '../../src/emulator/limits/token-bucket.js';
import { clientOf, emulatorFor, TestClock } from './support.js';

async function start(limits: LimitsSetting = true) {
  const clock = new TestClock();
  const streams = ['s', 't'].map((name) => ({ name, shards: 2 }));
  const emulator = await emulatorFor({ now: clock.now, limits, streams });
  return { clock, emulator, client: clientOf(emulator) };
}

const iterator = (StreamName: string, shard: number) =>
  new GetShardIteratorCommand({
    StreamName,
    ShardId: `shardId-00000000000${shard}`,
    ShardIteratorType: 'LATEST',
  });

describe('calls', () => {
  test('are counted over all streams of an account, and the error names the stream', async () => {
    const { clock, client, emulator } = await start();
    const describeStream = (StreamName: string) => client.send(new DescribeStreamSummaryCommand({ StreamName }));
    for (let i = 0; i < 20; i++) await describeStream(i % 2 ? 's' : 't');
    await expect(describeStream('t')).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: 'Rate exceeded for stream t under account 000000000000.',
    });
    const other = clientOf(emulator, '111111111111');
    await other.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
    await other.send(new DescribeStreamSummaryCommand({ StreamName: 's' }));
    clock.advance(50);
    await describeStream('t');
  });

  test('that name no stream are refused with an error that names the account', async () => {
    const { client } = await start();
    for (let i = 0; i < 5; i++) await client.send(new ListStreamsCommand({}));
    await expect(client.send(new ListStreamsCommand({}))).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: 'Rate exceeded for account 000000000000.',
    });
  });

  test('of GetShardIterator are counted per shard', async () => {
    const { client } = await start();
    for (let i = 0; i < 5; i++) await client.send(iterator('s', 0));
    await client.send(iterator('s', 1));
    await client.send(iterator('t', 0));
    await expect(client.send(iterator('s', 0))).rejects.toMatchObject({
      name: 'ProvisionedThroughputExceededException',
      message: 'Rate exceeded for shard shardId-000000000000 in stream s under account 000000000000.',
    });
  });

  test('count the same by name and by ARN', async () => {
    const { client } = await start({ describeStreamSummaryPerSecond: 1 });
    await client.send(
      new DescribeStreamSummaryCommand({ StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/s' }),
    );
    await expect(client.send(new DescribeStreamSummaryCommand({ StreamName: 's' }))).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
  });

  test('are unlimited with limits off, allowed ten times as often with 10, and follow limits set by name', async () => {
    const off = await start(false);
    for (let i = 0; i < 60; i++) await off.client.send(new ListStreamsCommand({}));
    const tenfold = await start(10);
    for (let i = 0; i < 50; i++) await tenfold.client.send(new ListStreamsCommand({}));
    await expect(tenfold.client.send(new ListStreamsCommand({}))).rejects.toThrow('Rate exceeded');
    const named = await start({ listStreamsPerSecond: 1, describeStreamSummaryPerSecond: 'off' });
    for (let i = 0; i < 30; i++) await named.client.send(new DescribeStreamSummaryCommand({ StreamName: 's' }));
    await named.client.send(new ListStreamsCommand({}));
    await expect(named.client.send(new ListStreamsCommand({}))).rejects.toThrow('Rate exceeded');
  });

  test('for ever more streams use bounded memory, and do not reset the limit of a busy stream', () => {
    const rates = new CallRates(limitsOf(true));
    const owner = { account: '000000000000', region: 'us-east-1' };
    const admit = (streamName: string, now: number) =>
      rates.admit('ListStreamConsumers', () => ({ owner, streamName }), now);
    for (let i = 0; i < 19_999; i++) admit(`old-${i}`, 0);
    for (let i = 0; i < 5; i++) admit('busy', 1000);
    for (let i = 0; i < 9000; i++) admit(`new-${i}`, 1000);
    expect(() => admit('busy', 1000)).toThrow('Rate exceeded for stream busy under account 000000000000.');
  });
});

describe('the limits setting', () => {
  test('scales every limit by a factor; limits on counts stay whole', () => {
    const limits = limitsOf(2.5);
    for (const [name, limit] of Object.entries(LIMITS)) {
      const scaled = limit.default * 2.5;
      expect(limits).toHaveProperty(name, 'least' in limit ? Math.floor(scaled) : scaled);
    }
  });

  test('keeps limits on counts at one or more for a small factor, and lets streams scale', () => {
    expect(limitsOf(0.001)).toMatchObject({
      shardWriteRecordsPerSecond: 1,
      createStreamPerSecond: 0.005,
      onDemandStreams: 1,
      tagsPerResource: 1,
      shardCountFactor: 2,
    });
  });

  test('bounds the total shards of all accounts even when limits are off', async () => {
    const emulator = await emulatorFor({ limits: false });
    for (const account of ['000000000001', '000000000002']) {
      const made = await clientOf(emulator, account).send(
        new CreateStreamCommand({ StreamName: 'wide', ShardCount: 20_000 }),
      );
      expect(made.$metadata.httpStatusCode).toBe(200);
    }
    const third = clientOf(emulator, '000000000003').send(
      new CreateStreamCommand({ StreamName: 'wide', ShardCount: 20_000 }),
    );
    await expect(third).rejects.toThrow('would exceed the shard limit');
  });

  test('leaves only the limits that bound memory when limits are off', () => {
    const left = Object.entries(limitsOf(false)).filter(([, value]) => Number.isFinite(value));
    expect(left.map(([name]) => name)).toEqual([
      'shardsPerAccount',
      'shardsInAll',
      'accountSettings',
      'tagsPerResource',
      'consumersPerStream',
      'consumersPerAdvantageStream',
    ]);
  });

  test.each<[string, LimitsSetting, string]>([
    ['factor', 0, 'limits: 0 is not a factor'],
    ['factor', Number.NaN, 'limits: NaN is not a factor'],
    ['value', { onDemandStreams: -1 }, 'limits: onDemandStreams must be a number above 0 or "off", not -1'],
  ])('is refused at the start if a %s is invalid', async (_, limits, message) => {
    await expect(emulatorFor({ limits })).rejects.toThrow(message);
  });
});

describe('a limits file', () => {
  test('sets limits by name, or turns them off', () => {
    const limits = limitsOf(parseLimits('{"onDemandStreams": 7, "createStreamPerSecond": "off"}', 'limits.json'));
    expect(limits).toMatchObject({ onDemandStreams: 7, createStreamPerSecond: Number.POSITIVE_INFINITY });
    expect(limits.shardsPerAccount).toBe(20_000);
  });

  test.each([
    ['{', 'limits.json: not valid JSON: '],
    ['[]', 'limits.json: must be a JSON object of limits, such as {"shardsPerAccount": 100}'],
    ['null', 'limits.json: must be a JSON object of limits'],
    ['{"shards": 1}', "limits.json: unknown limit 'shards'; the limits are shardWriteRecordsPerSecond, "],
    ['{"__proto__": 1}', "limits.json: unknown limit '__proto__'"],
    ['{"onDemandStreams": "7"}', 'limits.json: onDemandStreams must be a number above 0 or "off", not "7"'],
    ['{"onDemandStreams": 0}', 'limits.json: onDemandStreams must be a number above 0 or "off", not 0'],
    ['{"onDemandStreams": null}', 'limits.json: onDemandStreams must be a number above 0 or "off", not null'],
    ['{"onDemandStreams": 1e999}', 'limits.json: onDemandStreams must be a number above 0 or "off", not null'],
  ])('%s is refused with an error that names the file and the limit', (json, message) => {
    expect(() => parseLimits(json, 'limits.json')).toThrow(message);
  });

  test('with any JSON is accepted, or refused with an error that names the file', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        try {
          parseLimits(json, 'f.json');
        } catch (error) {
          expect(String(error)).toMatch(/^Error: f\.json: /);
        }
      }),
    );
  });
});

test('a token bucket never gives more than it held at first and gained since', () => {
  const steps = fc.array(fc.record({ afterMs: fc.nat(3000), amount: fc.nat(20) }), { maxLength: 100 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), steps, (perSecond, taken) => {
      const bucket = new TokenBucket(perSecond, 0);
      let now = 0;
      let given = 0;
      for (const { afterMs, amount } of taken) {
        now += afterMs;
        if (!bucket.allows(amount, now)) continue;
        bucket.take(amount);
        given += amount;
        // An amount larger than the bucket can be taken when it is full, and leaves a debt.
        expect(given - Math.max(0, amount - perSecond)).toBeLessThanOrEqual(
          perSecond + (now / 1000) * perSecond + 1e-6,
        );
      }
      expect(bucket.isFull(now + 100_000)).toBe(true);
    }),
  );
});
