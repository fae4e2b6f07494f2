import type { CallSubject } from '../limits/call-rates.js';
import { parseArn } from '../protocol/arn.js';
import { shardIdOf, shardIndexOf } from '../store/shard.js';
import type { Call } from './operation.js';

/** The members of requests that name a stream or a shard. */
interface Naming {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
  readonly ResourceARN?: string | undefined;
  readonly ConsumerARN?: string | undefined;
  readonly StreamId?: string | undefined;
  readonly ShardId?: string | undefined;
}

/** The stream or shard that a request names. It need not exist. */
export function callSubject(input: Naming, { accounts, caller, now }: Call): CallSubject {
  const { StreamName, StreamARN, ResourceARN, ConsumerARN, StreamId, ShardId } = input;
  const shardIndex = shardIndexOf(ShardId ?? '');
  const shardId = shardIndex === undefined ? ShardId : shardIdOf(shardIndex);
  const arn = StreamARN ?? ConsumerARN ?? ResourceARN;
  if (arn !== undefined) {
    const { region, account, streamName } = parseArn(arn);
    return { owner: { account, region }, streamName, shardId };
  }
  const byId = () => accounts.streams(caller, now).find(({ id }) => id === StreamId)?.name;
  return { owner: caller, streamName: StreamName ?? (StreamId === undefined ? undefined : byId()), shardId };
}
