import type { Delay } from './delay.js';
import type { FaultAction } from './fault-action.js';
import type { FaultTarget } from './fault-target.js';

/** A fault as it was asked for. What is undefined does not matter to it. */
export interface Fault {
  /** As its user may write it. */
  readonly text: string;
  readonly action: FaultAction;
  readonly operations: ReadonlySet<string> | undefined;
  readonly stream: string | undefined;
  /** 'shardId-000000000003' */
  readonly shard: string | undefined;
  readonly account: string | undefined;
  readonly region: string | undefined;
  /** Of what it could hit: above 0, up to 100. */
  readonly percentage: number;
  /** Hits at most. */
  readonly count: number;
  /** How long after it was set it begins, milliseconds. */
  readonly afterMs: number;
  /** How long it lasts from then on, milliseconds. */
  readonly durationMs: number;
  /** Whether of PutRecords it hits records, not requests. */
  readonly perRecord: boolean;
  /** Of latency alone. */
  readonly delay: Delay | undefined;
}

/** Whether a request is one of those that the fault is for; its shard is looked at for whole requests only. */
export function isFor(fault: Fault, target: FaultTarget): boolean {
  if (fault.operations?.has(target.operation) === false) return false;
  if (fault.stream !== undefined && target.stream?.name !== fault.stream) return false;
  // A stream may belong to another account than who calls; a request without one is its caller's.
  const { account, region } = target.stream ?? target;
  if (fault.account !== undefined && account !== fault.account) return false;
  if (fault.region !== undefined && region !== fault.region) return false;
  if (fault.shard === undefined || hitsRecords(fault, target)) return true;
  return target.shards.includes(fault.shard);
}

/** Whether it is the single records of this request that the fault is for. */
export function hitsRecords(fault: Fault, { operation }: FaultTarget): boolean {
  return fault.perRecord && operation === 'PutRecords';
}
