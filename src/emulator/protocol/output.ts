/**
 * What an operation answers with. Times and bytes are objects of their own, so that how they are written follows from
 * the value; JSON.stringify asks them itself, and is not slowed down by a replacer.
 */
export type Output =
  | string
  | number
  | boolean
  | undefined
  | Timestamp
  | Blob
  | readonly Output[]
  | { readonly [name: string]: Output };

/** A moment; in JSON seconds since 1970, with fractions. */
export class Timestamp {
  /** Epoch milliseconds. */
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }

  toJSON(): number {
    return this.ms / 1000;
  }
}

/** Bytes; in JSON base64. */
export class Blob {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  toJSON(): string {
    return this.bytes.toString('base64');
  }
}

/** An answer of many records, which an object a record would make several times slower: it writes itself. */
export abstract class BulkOutput {
  /** The body of the answer in JSON. */
  abstract toJsonBytes(): Buffer;
  /** The same in CBOR. */
  abstract toCborBytes(): Buffer;
}

/** What an operation may answer with. */
export type Result = Output | BulkOutput | EventStream;

/** An answer that goes on: events, each told when it happens. A ServiceError out of them is told as the last one. */
export class EventStream {
  /** 'SubscribeToShardEvent' */
  readonly eventType: string;
  readonly events: AsyncIterable<Output>;

  constructor(eventType: string, events: AsyncIterable<Output>) {
    this.eventType = eventType;
    this.events = events;
  }
}
