/** One record that was refused. */
export interface Refused {
  /** The record's place in the batch. */
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/** What the service said of each record of a batch. */
export interface Results {
  /** The shard that took each record; undefined where it was refused, or nobody says. As many as there are results. */
  readonly shardIds: (string | undefined)[];
  /** In batch order. */
  readonly refused: Refused[];
}
