/** What a request is about, as far as faults choose by it. What costs time to find is found when it is asked for. */
export interface FaultTarget {
  /** 'PutRecords' */
  readonly operation: string;
  readonly account: string;
  readonly region: string;
  /** Undefined where it names none, or none that there is. */
  readonly stream: { readonly name: string; readonly account: string; readonly region: string } | undefined;
  /** The ids of the shards that it is about: those of its records for a write. */
  readonly shards: readonly string[];
}
