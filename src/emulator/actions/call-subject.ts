import type { CallSubject } from '../limits/call-rates.js';
import { shardIdOf, shardIndexOf } from '../store/shard.js';
import type { Call } from './operation.js';

/** The members by which requests say what they are about. */
interface Naming {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
  readonly ResourceARN?: string | undefined;
  readonly ConsumerARN?: string | undefined;
  readonly StreamId?: string | undefined;
  readonly ShardId?: string | undefined;
}

/** What a request is about; it need not exist. */
export function callSubject(input: Naming, { accounts, caller, now }: Call): CallSubject {
  const { StreamName, StreamARN, ResourceARN, ConsumerARN, StreamId, ShardId } = input;
  const shardIndex = shardIndexOf(ShardId ?? '');
  const shardId = shardIndex === undefined ? ShardId : shardIdOf(shardIndex);
  const arn = StreamARN ?? ConsumerARN ?? ResourceARN;
  if (arn !== undefined) {
    const [, , , region = '', account = '', resource = ''] = arn.split(':', 6);
    return { owner: { account, region }, streamName: resource.split('/')[1], shardId };
  }
  const byId = () => accounts.streams(caller, now).find(({ id }) => id === StreamId)?.name;
  return { owner: caller, streamName: StreamName ?? (StreamId === undefined ? undefined : byId()), shardId };
}
