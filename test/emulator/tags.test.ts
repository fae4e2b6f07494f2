import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  ListTagsForResourceCommand,
  ListTagsForStreamCommand,
  RegisterStreamConsumerCommand,
  RemoveTagsFromStreamCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import { clientOf, emulatorFor } from './support.js';

const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';

async function start(limits = false) {
  const emulator = await emulatorFor({ limits, streams: [{ name: 's', shards: 1 }] });
  const client = clientOf(emulator);
  return {
    client,
    add: (Tags: Record<string, string>) => client.send(new AddTagsToStreamCommand({ StreamName: 's', Tags })),
    tags: async () => (await client.send(new ListTagsForStreamCommand({ StreamName: 's' }))).Tags,
  };
}

const many = (count: number, prefix = 'k') =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, 'v']));

describe("a stream's tags", () => {
  test('are added, replaced, removed, and listed by key', async () => {
    const { client, add, tags } = await start();
    await add({ b: '1', a: 'ä: 日本', constructor: '' });
    await add({ b: '2', c: 'kubernetes.io/cluster=x+y-z_@' });
    expect(await tags()).toEqual([
      { Key: 'a', Value: 'ä: 日本' },
      { Key: 'b', Value: '2' },
      { Key: 'c', Value: 'kubernetes.io/cluster=x+y-z_@' },
      { Key: 'constructor', Value: '' },
    ]);
    await client.send(new RemoveTagsFromStreamCommand({ StreamARN, TagKeys: ['a', 'none', 'constructor'] }));
    expect((await tags())?.map(({ Key }) => Key)).toEqual(['b', 'c']);
  });

  test('are listed in pages that begin after a key', async () => {
    const { client, add } = await start();
    await add({ a: '1', b: '2', c: '3' });
    const page = (ExclusiveStartTagKey?: string) =>
      client.send(new ListTagsForStreamCommand({ StreamARN, Limit: 2, ExclusiveStartTagKey }));
    expect(await page()).toMatchObject({ Tags: [{ Key: 'a' }, { Key: 'b' }], HasMoreTags: true });
    expect(await page('b')).toMatchObject({ Tags: [{ Key: 'c' }], HasMoreTags: false });
  });

  test('can be given when it is created, and are checked then', async () => {
    const { client } = await start();
    const create = (StreamName: string, Tags: Record<string, string>) =>
      client.send(new CreateStreamCommand({ StreamName, ShardCount: 1, Tags }));
    await create('t', { a: '1' });
    const { Tags } = await client.send(new ListTagsForStreamCommand({ StreamName: 't' }));
    expect(Tags).toEqual([{ Key: 'a', Value: '1' }]);
    await expect(create('u', { 'a;b': '1' })).rejects.toMatchObject({ name: 'InvalidArgumentException' });
    await expect(client.send(new ListTagsForStreamCommand({ StreamName: 'u' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('are at most fifty, of allowed characters', async () => {
    const { add, tags } = await start();
    await add(many(49));
    await expect(add(many(2, 'x'))).rejects.toMatchObject({
      name: 'InvalidArgumentException',
      message:
        'Failed to add tags to stream s under account 000000000000 because a given stream cannot have more than ' +
        '50 tags associated with it.',
    });
    await add({ k0: 'again', k49: 'v' });
    expect(await tags()).toHaveLength(50);
  });

  test.each(['\t', '\n', '\r', '\u0000', ';', ',', '%', '!', '"', '#', '&', '(', '*', '<', '?', '\\', '|', '~', '😀'])(
    'have no %j in a key or a value',
    async (character) => {
      const { add, client, tags } = await start();
      const message =
        character === '%'
          ? 'Failed to add tags to stream s under account 000000000000 because some tags contained illegal ' +
            'characters. ' +
            "The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'."
          : 'Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . ' +
            '/ = + - % @.';
      const refusal = { name: 'InvalidArgumentException', message };
      for (const Tags of [{ [`a${character}b`]: 'v' }, { k: `a${character}b` }]) {
        await expect(add(Tags)).rejects.toMatchObject(refusal);
        const byArn = client.send(new TagResourceCommand({ ResourceARN: StreamARN, Tags }));
        await expect(byArn).rejects.toMatchObject(refusal);
      }
      expect(await tags()).toEqual([]);
    },
  );

  test.each(['aws:', 'aws:cloudformation:stack-name', 'AWS:x', 'Aws:x'])(
    'have no key %s: it is reserved',
    async (key) => {
      const { add, client, tags } = await start();
      const refusal = { name: 'InvalidArgumentException', message: expect.stringContaining('aws: are reserved') };
      await expect(add({ [key]: 'v' })).rejects.toMatchObject(refusal);
      const create = new CreateStreamCommand({ StreamName: 't', ShardCount: 1, Tags: { [key]: 'v' } });
      await expect(client.send(create)).rejects.toMatchObject(refusal);
      const register = new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c', Tags: { [key]: 'v' } });
      await expect(client.send(register)).rejects.toMatchObject(refusal);
      await add({ 'my:aws:key': 'aws:value', awsome: 'v' });
      expect(await tags()).toHaveLength(2);
    },
  );

  test('can be changed and listed by the ARN of the resource, too', async () => {
    const { client, tags } = await start();
    await client.send(new TagResourceCommand({ ResourceARN: StreamARN, Tags: { a: '1', b: '2' } }));
    await client.send(new UntagResourceCommand({ ResourceARN: StreamARN, TagKeys: ['a'] }));
    expect(await tags()).toEqual([{ Key: 'b', Value: '2' }]);
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN: StreamARN }));
    expect(Tags).toEqual([{ Key: 'b', Value: '2' }]);
  });
});

describe("a consumer's tags", () => {
  test('are separate from those of its stream, and can be given when it is registered', async () => {
    const { client, tags } = await start();
    const { Consumer } = await client.send(
      new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c', Tags: { a: '1' } }),
    );
    const ResourceARN = Consumer?.ConsumerARN ?? '';
    await client.send(new TagResourceCommand({ ResourceARN, Tags: { b: '2' } }));
    await client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['a'] }));
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN }));
    expect(Tags).toEqual([{ Key: 'b', Value: '2' }]);
    expect(await tags()).toEqual([]);
    await expect(client.send(new TagResourceCommand({ ResourceARN, Tags: many(50) }))).rejects.toThrow(
      'because a given consumer cannot have more than 50 tags',
    );
  });

  test('are not found if the consumer does not exist', async () => {
    const { client } = await start();
    const ResourceARN = `${StreamARN}/consumer/c:1`;
    await expect(client.send(new ListTagsForResourceCommand({ ResourceARN }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Consumer ${ResourceARN}, account 000000000000 not found.`,
    });
  });
});
