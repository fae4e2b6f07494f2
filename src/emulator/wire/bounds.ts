import type { ServerOptions as Http1Options } from 'node:http';
import type { ServerOptions as Http2Options } from 'node:http2';

/** What keeps a client from taking more of this machine than it should. */
export const WIRE_LIMITS = {
  connections: 10_000,
  /** Bodies of requests that are being read or answered, all together. */
  inFlightBytes: 512 * 1024 * 1024,
  /** A connection that has said nothing yet, or is amid its handshake. */
  silenceMs: 20_000,
  /** A connection on which nothing moves, in either direction. */
  idleMs: 180_000,
  /** A request's body, from its headers to its end. */
  bodyMs: 120_000,
  sessionWindowBytes: 16 * 1024 * 1024,
  /** Answers that clients have yet to read, all together. */
  unreadBytes: 512 * 1024 * 1024,
  /**
   * The same on one connection: beyond it no further request of it is handled. More than any one answer has, so that a
   * client that leaves one response of HTTP/2 unread can go on with others.
   */
  connectionUnreadBytes: 16 * 1024 * 1024,
  /** Between looks at sessions of HTTP/2 that may be over. */
  sessionLookMs: 1000,
} as const;

/** Why a connection was ended to keep to them: there were too many bytes of answers to read, there were too many. */
export type CutReason = 'unread' | 'too-many';

export type WireLimits = { readonly [Name in keyof typeof WIRE_LIMITS]: number };

export function http1Options({ silenceMs, bodyMs }: WireLimits): Http1Options {
  return {
    /** Clients keep idle connections for up to a minute: one that the server ends first may meet a request on its way. */
    keepAliveTimeout: 75_000,
    headersTimeout: Math.min(silenceMs, bodyMs),
    requestTimeout: bodyMs,
    /** Presigned requests carry their token in the URL. */
    maxHeaderSize: 32 * 1024,
  };
}

export const HTTP2_OPTIONS: Http2Options = {
  settings: { maxConcurrentStreams: 256, initialWindowSize: 1024 * 1024, maxHeaderListSize: 32 * 1024 },
  /** Frames that break the rules, and streams beyond those that may be open, until the session ends. */
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  maxOutstandingPings: 10,
  maxHeaderListPairs: 128,
  /** MB of frames and headers that node holds for one session. */
  maxSessionMemory: 64,
};
