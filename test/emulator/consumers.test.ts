import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  ListStreamConsumersCommand,
  type ListStreamConsumersCommandInput,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import type { EmulatorOptions } from '../../src/emulator/index.js';
import { clientOf, emulatorFor, TestClock } from './support.js';

const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';

async function start(options: EmulatorOptions = {}) {
  const clock = new TestClock();
  const streams = [{ name: 's', shards: 1 }];
  const emulator = await emulatorFor({ now: clock.now, limits: false, streams, ...options });
  const client = clientOf(emulator);
  return {
    client,
    clock,
    register: async (ConsumerName: string) =>
      (await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }))).Consumer,
    list: (input: Partial<ListStreamConsumersCommandInput> = {}) =>
      client.send(new ListStreamConsumersCommand({ StreamARN, ...input })),
    describe: async (ConsumerName: string) =>
      (await client.send(new DescribeStreamConsumerCommand({ StreamARN, ConsumerName }))).ConsumerDescription,
    deregister: (ConsumerName: string) => client.send(new DeregisterStreamConsumerCommand({ StreamARN, ConsumerName })),
  };
}

describe('a consumer', () => {
  test('is CREATING, then ACTIVE, then DELETING, then gone', async () => {
    const { client, clock, register, describe, deregister } = await start({ consumerDelayMs: 1000 });
    clock.advance(999);
    const ConsumerCreationTimestamp = new Date(clock.ms - 999);
    const ConsumerARN = `${StreamARN}/consumer/c:${ConsumerCreationTimestamp.getTime() / 1000}`;
    const consumer = { ConsumerName: 'c', ConsumerARN, ConsumerCreationTimestamp };
    expect(await register('c')).toEqual({ ...consumer, ConsumerStatus: 'CREATING' });
    expect(await describe('c')).toEqual({ ...consumer, StreamARN, ConsumerStatus: 'CREATING' });
    clock.advance(1000);
    expect(await describe('c')).toMatchObject({ ConsumerStatus: 'ACTIVE' });
    const summary = await client.send(new DescribeStreamSummaryCommand({ StreamName: 's' }));
    expect(summary.StreamDescriptionSummary?.ConsumerCount).toBe(1);
    await deregister('c');
    clock.advance(999);
    await deregister('c');
    expect(await describe('c')).toMatchObject({ ConsumerStatus: 'DELETING' });
    clock.advance(1);
    await expect(describe('c')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Consumer c, account 000000000000 not found.',
    });
  });

  test('is ACTIVE at once without a delay', async () => {
    const { register, describe } = await start();
    expect(await register('c')).toMatchObject({ ConsumerStatus: 'CREATING' });
    expect(await describe('c')).toMatchObject({ ConsumerStatus: 'ACTIVE' });
  });

  test('has a name that is unique within its stream', async () => {
    const { register } = await start();
    await register('c');
    await expect(register('c')).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: 'Consumer c under stream s already exists for account 000000000000.',
    });
  });

  test('is found by its ARN, by its name and the ARN of its stream, or by all three', async () => {
    const { client, register } = await start();
    const { ConsumerARN } = (await register('c')) ?? {};
    const named = (input: object) => client.send(new DescribeStreamConsumerCommand(input));
    for (const input of [{ ConsumerARN }, { ConsumerARN, StreamARN, ConsumerName: 'c' }]) {
      expect((await named(input)).ConsumerDescription).toMatchObject({ ConsumerName: 'c' });
    }
    const InvalidArgument = { name: 'InvalidArgumentException' };
    await expect(named({ StreamARN })).rejects.toMatchObject(InvalidArgument);
    await expect(named({ ConsumerName: 'c' })).rejects.toMatchObject(InvalidArgument);
    await expect(named({ ConsumerARN, ConsumerName: 'd' })).rejects.toMatchObject(InvalidArgument);
    await expect(named({ ConsumerARN, StreamARN: `${StreamARN}2` })).rejects.toMatchObject(InvalidArgument);
    await expect(named({ ConsumerARN: `${StreamARN}/consumer/c:1` })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Consumer ${StreamARN}/consumer/c:1, account 000000000000 not found.`,
    });
    await client.send(new DeregisterStreamConsumerCommand({ ConsumerARN }));
    await expect(named({ ConsumerARN })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('is refused above twenty of a stream, or five that are CREATING', async () => {
    const { clock, register, list } = await start({
      limits: { registerStreamConsumerPerSecond: 'off' },
      consumerDelayMs: 1000,
    });
    for (let i = 0; i < 20; i++) {
      if (i > 0 && i % 5 === 0) {
        await expect(register('x')).rejects.toMatchObject({ name: 'LimitExceededException' });
        clock.advance(1000);
      }
      await register(`c${i}`);
    }
    clock.advance(1000);
    await expect(register('x')).rejects.toMatchObject({ name: 'LimitExceededException' });
    expect((await list()).Consumers).toHaveLength(20);
  });

  test('is deleted with its stream', async () => {
    const { client, register, describe } = await start();
    await register('c');
    await client.send(new DeleteStreamCommand({ StreamName: 's', EnforceConsumerDeletion: true }));
    await client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
    await expect(describe('c')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('the list of consumers', () => {
  test('comes in pages, whose tokens expire and are valid for one stream', async () => {
    const { client, clock, register, list } = await start({
      streams: [
        { name: 's', shards: 1 },
        { name: 't', shards: 1 },
      ],
    });
    for (const name of ['b', 'a', 'c']) await register(name);
    const first = await list({ MaxResults: 2 });
    expect(first.Consumers?.map(({ ConsumerName }) => ConsumerName)).toEqual(['a', 'b']);
    const { NextToken } = first;
    const second = await list({ NextToken });
    expect(second.Consumers?.map(({ ConsumerName }) => ConsumerName)).toEqual(['c']);
    expect(second.NextToken).toBeUndefined();
    const InvalidArgument = { name: 'InvalidArgumentException' };
    await expect(list({ NextToken: 'x' })).rejects.toMatchObject(InvalidArgument);
    await expect(list({ NextToken, StreamCreationTimestamp: new Date(0) })).rejects.toMatchObject(InvalidArgument);
    const other = new ListStreamConsumersCommand({ StreamARN: StreamARN.replace(/s$/, 't'), NextToken });
    await expect(client.send(other)).rejects.toMatchObject(InvalidArgument);
    clock.advance(300_001);
    await expect(list({ NextToken })).rejects.toMatchObject({ name: 'ExpiredNextTokenException' });
  });

  test('can be requested by the creation time of the stream', async () => {
    const { clock, list } = await start();
    expect((await list({ StreamCreationTimestamp: new Date(clock.ms) })).Consumers).toEqual([]);
    await expect(list({ StreamCreationTimestamp: new Date(clock.ms - 60_000) })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Stream s under account 000000000000 not found.',
    });
  });
});
