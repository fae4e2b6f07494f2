import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../protocol/caller.js';
import type { Format } from '../protocol/format.js';
import type { ServiceError } from '../protocol/service-error.js';

/** A request that has arrived whole, however it came. */
export interface WireRequest {
  /** The answer's `x-amzn-RequestId`. */
  readonly id: string;
  readonly method: string;
  /** With its query: '/', '/?X-Amz-Algorithm=…'. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer, however it will go. */
export interface WireAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  /** Answers to a question about another request carry one request id, all others two. */
  readonly isPreflight?: boolean;
  /** Beside Content-Type and the request ids. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the connection ends with it: the rest of the request would still come. */
  readonly isLast?: boolean;
  /** Chunks where it goes on: it ends when they do, and whoever leaves early ends them. */
  readonly body: string | Buffer | AsyncIterable<Buffer>;
}

/** Instead of an answer: 'close' ends the connection in order, 'reset' does not. */
export interface Severed {
  readonly sever: 'close' | 'reset';
}

export type Reply = WireAnswer | Severed;

/** A request of an operation that exists, on its way. */
export interface Exchange {
  readonly request: WireRequest;
  /** 'PutRecords' */
  readonly operation: string;
  readonly caller: Caller;
  readonly format: Format;
}

/** How an exchange ended. */
export interface Outcome {
  /** 0: there was no answer. */
  readonly status: number;
  /** The error that was the answer; of a bug, which is answered as InternalFailure, its cause is what was thrown. */
  readonly refusal: ServiceError | undefined;
  /** Of the answer; 0 for one that goes on. */
  readonly bodyBytes: number;
  /** From when the request had arrived whole until its answer was ready. */
  readonly durationMs: number;
}
