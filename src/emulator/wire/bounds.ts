import type { ServerOptions as Http1Options } from 'node:http';
import type { ServerOptions as Http2Options } from 'node:http2';

/** Limits on what clients may take of this machine. */
export const WIRE_LIMITS = {
  connections: 10_000,
  /** All bodies of requests that are being read or handled. */
  inFlightBytes: 512 * 1024 * 1024,
  /** The longest wait for a connection's first bytes, for its handshake, and for the headers of an HTTP/1.1 request. */
  handshakeMs: 20_000,
  /** The longest time without a byte in either direction. */
  idleMs: 180_000,
  /** From a request's headers to the end of its body. */
  bodyMs: 120_000,
  sessionWindowBytes: 16 * 1024 * 1024,
  /** All responses that clients have not read yet. */
  unreadBytes: 512 * 1024 * 1024,
  /**
   * Unread responses on one connection: beyond this its further requests wait. Larger than any response, so that a
   * client can leave one HTTP/2 response unread and go on with others.
   */
  connectionUnreadBytes: 16 * 1024 * 1024,
  /** The interval between checks for dead HTTP/2 sessions. */
  sessionCheckMs: 1000,
} as const;

/** Why a connection was cut: too many bytes of responses were unread, or too many connections were open. */
export type CutReason = 'unread' | 'too-many';

export type WireLimits = { readonly [Name in keyof typeof WIRE_LIMITS]: number };

export function http1Options({ handshakeMs, bodyMs }: WireLimits): Http1Options {
  return {
    /** Clients keep idle connections for up to a minute. If the server closed first, it could miss a request. */
    keepAliveTimeout: 75_000,
    headersTimeout: Math.min(handshakeMs, bodyMs),
    requestTimeout: bodyMs,
    /** Presigned requests have their session token in the URL. */
    maxHeaderSize: 32 * 1024,
  };
}

export const HTTP2_OPTIONS: Http2Options = {
  settings: { maxConcurrentStreams: 256, initialWindowSize: 1024 * 1024, maxHeaderListSize: 32 * 1024 },
  /** The session ends after this many invalid frames, or streams beyond the maximum. */
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  maxOutstandingPings: 10,
  maxHeaderListPairs: 128,
  /** The most memory that node uses for frames and headers of one session, MB. */
  maxSessionMemory: 64,
};
