import type { Delay } from './delay.js';
import type { FaultAction, FaultTarget } from './fault-action.js';

/** A fault that a user asked for. A property that is undefined selects everything. */
export interface Fault {
  /** In the syntax of --fault. */
  readonly text: string;
  readonly action: FaultAction;
  readonly operations: ReadonlySet<string> | undefined;
  readonly stream: string | undefined;
  /** 'shardId-000000000003' */
  readonly shard: string | undefined;
  readonly account: string | undefined;
  readonly region: string | undefined;
  /** The share of the selected requests (or records) that it hits: above 0, up to 100. */
  readonly percentage: number;
  /** The most hits. */
  readonly count: number;
  /** The time from when it is set until it starts, milliseconds. */
  readonly afterMs: number;
  /** The time from its start to its end, milliseconds. */
  readonly durationMs: number;
  /** Whether it hits single records of a PutRecords instead of the whole request. */
  readonly perRecord: boolean;
  /** Given for the fault `latency` only. */
  readonly delay: Delay | undefined;
}

/** True if the fault selects the request. A fault that hits single records checks the shard of each record later. */
export function isFor(fault: Fault, target: FaultTarget): boolean {
  if (fault.operations?.has(target.operation) === false) return false;
  if (fault.stream !== undefined && target.stream?.name !== fault.stream) return false;
  // A stream may belong to another account than the caller's. Without a stream, the caller's account counts.
  const { account, region } = target.stream ?? target;
  if (fault.account !== undefined && account !== fault.account) return false;
  if (fault.region !== undefined && region !== fault.region) return false;
  if (fault.shard === undefined || hitsRecords(fault, target)) return true;
  return target.shards.includes(fault.shard);
}

/** True if the fault hits single records of this request. */
export function hitsRecords(fault: Fault, { operation }: FaultTarget): boolean {
  return fault.action.effect.kind === 'damage' || (fault.perRecord && operation === 'PutRecords');
}
