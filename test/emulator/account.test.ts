import {
  CreateStreamCommand,
  DescribeAccountSettingsCommand,
  DescribeLimitsCommand,
  DescribeStreamSummaryCommand,
  RegisterStreamConsumerCommand,
  UpdateAccountSettingsCommand,
  UpdateStreamWarmThroughputCommand,
} from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import type { LimitsSetting } from '../../src/emulator/index.js';
import { clientOf, emulatorFor, SIGNED, send, TestClock } from './support.js';

const DAY_MS = 24 * 3_600_000;
const onDemand = (StreamName: string) =>
  new CreateStreamCommand({ StreamName, StreamModeDetails: { StreamMode: 'ON_DEMAND' } });

async function start(options: { limits?: LimitsSetting; updateDelayMs?: number; createDelayMs?: number } = {}) {
  const clock = new TestClock();
  const streams = [{ name: 's', shards: 3 }];
  const emulator = await emulatorFor({ limits: false, ...options, now: clock.now, streams });
  const client = clientOf(emulator);
  const commit = async (Status: 'ENABLED' | 'DISABLED') => {
    const command = new UpdateAccountSettingsCommand({ MinimumThroughputBillingCommitment: { Status } });
    return (await client.send(command)).MinimumThroughputBillingCommitment;
  };
  const settings = async () =>
    (await client.send(new DescribeAccountSettingsCommand())).MinimumThroughputBillingCommitment;
  return { client, clock, emulator, commit, settings };
}

test("DescribeLimits returns the account's usage and its limits", async () => {
  const { client, emulator } = await start({ limits: { shardsPerAccount: 50, describeLimitsPerSecond: 'off' } });
  await client.send(onDemand('t'));
  expect(await client.send(new DescribeLimitsCommand())).toMatchObject({
    ShardLimit: 50,
    OpenShardCount: 7,
    OnDemandStreamCount: 1,
    OnDemandStreamCountLimit: 50,
  });
  expect(await clientOf(emulator, '111111111111').send(new DescribeLimitsCommand())).toMatchObject({
    OpenShardCount: 0,
  });
  // No region has a name this long, so the default region is used.
  const authorization = SIGNED.replace('us-east-1', 'x'.repeat(64));
  const headers = { authorization, 'x-amz-target': 'Kinesis_20131202.DescribeLimits' };
  expect(JSON.parse((await send(emulator, { headers, body: '{}' })).body)).toMatchObject({ OpenShardCount: 7 });
});

test('DescribeLimits returns the largest integer for a limit that is off', async () => {
  const { client } = await start();
  expect(await client.send(new DescribeLimitsCommand())).toMatchObject({ OnDemandStreamCountLimit: 2 ** 31 - 1 });
});

describe('On-demand Advantage', () => {
  test('is stored for a limited number of accounts', async () => {
    const { emulator, commit, clock } = await start({ limits: { accountSettings: 2 } });
    const enable = (account: string) => {
      const settings = { MinimumThroughputBillingCommitment: { Status: 'ENABLED' } } as const;
      return clientOf(emulator, account).send(new UpdateAccountSettingsCommand(settings));
    };
    await enable('111111111111');
    await commit('ENABLED');
    await expect(enable('222222222222')).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: expect.stringMatching(/keeps the settings of 2 accounts .* 222222222222 in us-east-1/),
    });
    clock.advance(1000);
    expect(await commit('DISABLED')).toMatchObject({ Status: 'ENABLED_UNTIL_EARLIEST_ALLOWED_END' });
  });

  test('lasts at least a day once it is enabled', async () => {
    const { clock, commit, settings } = await start();
    expect(await settings()).toEqual({ Status: 'DISABLED' });
    expect(await commit('DISABLED')).toEqual({ Status: 'DISABLED' });
    const StartedAt = new Date(clock.ms);
    const EarliestAllowedEndAt = new Date(clock.ms + DAY_MS);
    expect(await commit('ENABLED')).toEqual({ Status: 'ENABLED', StartedAt, EarliestAllowedEndAt });
    clock.advance(1000);
    const untilEnd = { Status: 'ENABLED_UNTIL_EARLIEST_ALLOWED_END', StartedAt, EarliestAllowedEndAt };
    expect(await commit('DISABLED')).toEqual(untilEnd);
    expect(await commit('ENABLED')).toMatchObject({ Status: 'ENABLED', StartedAt });
    await commit('DISABLED');
    clock.advance(DAY_MS - 1001);
    expect(await settings()).toEqual(untilEnd);
    clock.advance(1);
    expect(await settings()).toEqual({ Status: 'DISABLED', StartedAt, EndedAt: EarliestAllowedEndAt });
    expect(await commit('ENABLED')).toMatchObject({ Status: 'ENABLED', StartedAt: new Date(clock.ms) });
  });

  test('allows more consumers on an on-demand stream', async () => {
    const { client, commit } = await start({
      limits: { consumersPerStream: 1, consumersPerAdvantageStream: 2, registerStreamConsumerPerSecond: 'off' },
    });
    await client.send(onDemand('t'));
    const register = (stream: string, ConsumerName: string) => {
      const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`;
      return client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }));
    };
    await register('t', 'a');
    await expect(register('t', 'b')).rejects.toMatchObject({ name: 'LimitExceededException' });
    await commit('ENABLED');
    await register('t', 'b');
    await expect(register('t', 'c')).rejects.toMatchObject({ name: 'LimitExceededException' });
    await register('s', 'a');
    await expect(register('s', 'b')).rejects.toMatchObject({ name: 'LimitExceededException' });
  });
});

describe('warm throughput', () => {
  const warm = (StreamName: string, WarmThroughputMiBps: number) =>
    new UpdateStreamWarmThroughputCommand({ StreamName, WarmThroughputMiBps });

  test('is only for on-demand streams of accounts with On-demand Advantage', async () => {
    const { client, commit } = await start();
    await client.send(onDemand('t'));
    await expect(client.send(warm('t', 8))).rejects.toMatchObject({ name: 'ValidationException' });
    await commit('ENABLED');
    await expect(client.send(warm('s', 8))).rejects.toMatchObject({ name: 'ValidationException' });
    await client.send(warm('t', 8));
  });

  test('gives the stream enough shards once it is updated', async () => {
    const { client, clock, commit } = await start({ updateDelayMs: 1000 });
    const summary = async () =>
      (await client.send(new DescribeStreamSummaryCommand({ StreamName: 't' }))).StreamDescriptionSummary;
    await client.send(onDemand('t'));
    expect((await summary())?.WarmThroughput).toBeUndefined();
    await commit('ENABLED');
    expect(await client.send(warm('t', 10))).toMatchObject({
      StreamName: 't',
      StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/t',
      WarmThroughput: { TargetMiBps: 10, CurrentMiBps: 4 },
    });
    expect(await summary()).toMatchObject({
      StreamStatus: 'UPDATING',
      OpenShardCount: 4,
      WarmThroughput: { TargetMiBps: 10, CurrentMiBps: 4 },
    });
    clock.advance(1000);
    expect(await summary()).toMatchObject({
      StreamStatus: 'ACTIVE',
      OpenShardCount: 10,
      WarmThroughput: { TargetMiBps: 10, CurrentMiBps: 10 },
    });
  });

  test('is limited as in the service', async () => {
    const { client, commit } = await start({ limits: { warmThroughputMiBps: 20 } });
    await client.send(onDemand('t'));
    await commit('ENABLED');
    await expect(client.send(warm('t', 21))).rejects.toMatchObject({ name: 'LimitExceededException' });
  });
});

test('on-demand streams, and streams being created, are limited for each account', async () => {
  const { client, clock } = await start({
    limits: { onDemandStreams: 3, streamsInTransition: 2 },
    createDelayMs: 1000,
  });
  await client.send(onDemand('t'));
  await client.send(onDemand('u'));
  const refused = async (name: string, message: string) => {
    await expect(client.send(onDemand(name))).rejects.toMatchObject({ name: 'LimitExceededException', message });
  };
  await refused(
    'v',
    'This request would have exceed the limit on the number  of streams that can simultaneously be in CREATING or ' +
      'DELETING for the account 000000000000. Limit: 2.',
  );
  clock.advance(1000);
  await client.send(onDemand('v'));
  await refused(
    'w',
    'This request would exceed the limit on the number of On-Demand streams for the account 000000000000 ' +
      'in us-east-1. Current On-Demand streams count: 3. Limit: 3.',
  );
});
