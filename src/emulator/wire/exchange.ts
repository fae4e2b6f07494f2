import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../protocol/caller.js';
import type { Format } from '../protocol/format.js';
import type { ServiceError } from '../protocol/service-error.js';

/** A request that has arrived completely, over any protocol. */
export interface WireRequest {
  /** The response's `x-amzn-RequestId`. */
  readonly id: string;
  readonly method: string;
  /** With its query: '/', '/?X-Amz-Algorithm=…'. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A response, over any protocol. */
export interface WireResponse {
  readonly status: number;
  readonly contentType: string | undefined;
  /** Responses to preflights have one request id, all others two. */
  readonly isPreflight?: boolean;
  /** Headers besides Content-Type and the request ids. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the connection after the response, because the rest of the request's body was not read. */
  readonly isLast?: boolean;
  /** A streamed body ends with its chunks. If the client leaves early, the chunks are ended. */
  readonly body: string | Buffer | AsyncIterable<Buffer>;
}

/** No response: 'close' ends the TCP connection with a FIN, 'reset' with an RST. */
export interface Severed {
  readonly sever: 'close' | 'reset';
}

export type Reply = WireResponse | Severed;

/** A request of an operation that exists. */
export interface Exchange {
  readonly request: WireRequest;
  /** 'PutRecords' */
  readonly operation: string;
  readonly caller: Caller;
  readonly format: Format;
}

/** How an exchange ended. */
export interface Outcome {
  /** 0: there was no response. */
  readonly status: number;
  /** The error that was returned. For a bug this is an InternalFailure whose `cause` is the error that was thrown. */
  readonly refusal: ServiceError | undefined;
  /** From the arrival of the whole request until its response was ready. */
  readonly durationMs: number;
}
