/**
 * A value in a response. Times and bytes have classes of their own, whose `toJSON` JSON.stringify calls: a replacer
 * function would slow it down.
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

/** A time; in JSON seconds since 1970, with fractions. */
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

/** A response with many records that writes itself: an object for each record would make it several times slower. */
export abstract class BulkOutput {
  /** The body of the response in JSON. */
  abstract toJsonBytes(): Buffer;
  /** The body of the response in CBOR. */
  abstract toCborBytes(): Buffer;
}

/** The result of an operation. */
export type Result = Output | BulkOutput | EventStream;

/** A response that streams events as they happen. If the events throw a ServiceError, it is sent as the last event. */
export class EventStream {
  /** 'SubscribeToShardEvent' */
  readonly eventType: string;
  readonly events: AsyncIterable<Output | BulkOutput>;

  constructor(eventType: string, events: AsyncIterable<Output | BulkOutput>) {
    this.eventType = eventType;
    this.events = events;
  }
}
