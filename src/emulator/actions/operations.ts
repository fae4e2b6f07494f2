import type { CallSubject } from '../limits/call-rates.js';
import { LIMITS, type Limit } from '../limits/limit-table.js';
import { parseArn } from '../protocol/arn.js';
import { shardIdOf, shardIndexOf } from '../store/shard.js';
import * as ACTIONS from './index.js';
import type { Call, Operation, ReadInput } from './operation.js';

/** The operations whose calls are limited. All of them read their requests by shape. */
const LIMITED = new Set(Object.values<Limit>(LIMITS).map(({ calls }) => calls?.operation));

/** The operations by their names on the wire. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries(ACTIONS).map(([name, action]) => [name, LIMITED.has(name) ? withinCallRate(name, action) : action]),
);

/** The operation, refused when called too often. A call is counted once its request is read, which names the stream. */
function withinCallRate(name: string, action: Operation): Operation {
  return {
    ...action,
    run: (read, call) => {
      const readAndCount: ReadInput = (shape, quick) => {
        const input = read(shape, quick);
        call.accounts.callRates.admit(name, () => callSubject(input, call), call.now);
        return input;
      };
      return action.run(readAndCount, call);
    },
  };
}

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
function callSubject(input: Naming, { accounts, caller, now }: Call): CallSubject {
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
