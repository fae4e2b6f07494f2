import {
  type ChildShard,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { expect, test } from 'vitest';
import { followWhileResharding, RESHARDED, type ReadShard, S } from './resharding.js';
import { clientOf, emulatorFor } from './support.js';

function polling(client: KinesisClient): ReadShard {
  return async (shardId, take) => {
    const start = { ...S, ShardId: shardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    let next = (await client.send(new GetShardIteratorCommand(start))).ShardIterator;
    let children: readonly ChildShard[] | undefined;
    while (next !== undefined) {
      const response = await client.send(new GetRecordsCommand({ ShardIterator: next, Limit: 50 }));
      next = response.NextShardIterator;
      children = response.ChildShards;
      // Clients rely on getting exactly one of the two.
      expect(children === undefined).toBe(next !== undefined);
      if (take(response.Records ?? [])) return undefined;
    }
    return children;
  };
}

test('a reader that follows ChildShards sees every record once, and each key’s records in order', async () => {
  const client = clientOf(await emulatorFor(RESHARDED));
  await followWhileResharding(client, polling(client));
});
