import { invalidArgument } from '../protocol/service-error.js';
import { structure } from '../protocol/shape.js';
import { HASH_KEY, SHARD_ID, STREAM_REFERENCE } from '../protocol/shapes.js';
import type { Shard } from '../store/shard.js';
import type { Stream } from '../store/stream.js';
import { operation } from './operation.js';
import { requireOpen, requireProvisioned, shardToReshard } from './reshard-checks.js';

export const splitShard = operation({
  input: structure({ ...STREAM_REFERENCE, ShardToSplit: SHARD_ID, NewStartingHashKey: HASH_KEY }, [
    'ShardToSplit',
    'NewStartingHashKey',
  ]),
  emulated: 'at any hash key of the range; the parent closes and stays readable; UPDATING for `--update-delay`',
  run: (input, { accounts, caller, now }) => {
    const stream = accounts.stream(caller, input, now);
    const shard = shardToReshard(stream, input.ShardToSplit);
    requireProvisioned(stream);
    accounts.checkShards(stream.state, 1, now);
    requireInside(input.NewStartingHashKey, shard, stream);
    requireOpen(shard, stream);
    stream.requireActive();
    const step = { type: 'split', shard: shard.index, at: input.NewStartingHashKey } as const;
    stream.beginUpdate({ reshard: [step] }, now);
    return undefined;
  },
});

/** Each child must get at least two hash keys. */
function requireInside(newStart: string, shard: Shard, stream: Stream): void {
  const { start, end } = shard.range;
  const key = BigInt(newStart);
  if (key > start + 1n && key < end) return;
  throw invalidArgument(
    `NewStartingHashKey ${newStart} used in SplitShard() on shard ${shard.id} in ${stream.description} ` +
      `is not both greater than one plus the shard's StartingHashKey ${start} ` +
      `and less than the shard's EndingHashKey ${end}.`,
  );
}
