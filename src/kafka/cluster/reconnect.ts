import type { Socket } from 'node:net';
import { oneAtATime } from '../../core/waiting.js';

/** The internals of a kafkajs connection that this file uses. */
export interface InnerConnection {
  socket: Socket | undefined;
  sessionLifetime: { toString(): string };
  reauthenticationThreshold: number;
  chunks: readonly Buffer[];
  bytesBuffered: number;
  bytesNeeded: number;
  authHandlers: object | null;
  isConnected(): boolean;
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
}

/** A session is renewed this long before it expires, or when this share of it is left, whichever is later. */
const RENEW_MS = 10_000;
const RENEW_SHARE = 0.15;
/** Size of the length that each response begins with. */
const LENGTH_BYTES = 4;

/**
 * Lets a connection be opened and closed any number of times, and by several callers at once, so that a long run
 * survives restarts of a broker. It works around four faults of kafkajs:
 *
 * - A second `connect` during the first opens a second socket.
 * - The unread rest of the old socket's last response is joined to the new socket's first one.
 * - The end of the old socket is taken for the end of the new one.
 * - Sessions shorter than ten seconds are renewed with each request.
 */
export function makeReconnectable(connection: InnerConnection): void {
  const connect = connection.connect.bind(connection);
  const disconnect = connection.disconnect.bind(connection);
  let disconnecting: Promise<unknown> | undefined;
  connection.disconnect = () => {
    disconnecting ??= close().finally(() => {
      disconnecting = undefined;
    });
    return disconnecting;
  };
  connection.connect = oneAtATime(async () => {
    await disconnecting;
    if (connection.isConnected()) return;
    Object.assign(connection, { chunks: [], bytesBuffered: 0, bytesNeeded: LENGTH_BYTES, authHandlers: null });
    await connect();
  });
  const close = async () => {
    await disconnect();
    if (connection.socket !== undefined) abandon(connection.socket);
  };
  Object.defineProperty(connection, 'reauthenticationThreshold', {
    get: () => Math.floor(Math.min(RENEW_MS, Number(connection.sessionLifetime.toString()) * RENEW_SHARE)),
  });
}

/** Lets an open socket send what was written to it and ignores its events. Destroys one that is still connecting. */
function abandon(socket: Socket): void {
  for (const event of ['data', 'end', 'error', 'timeout']) socket.removeAllListeners(event);
  socket.on('error', () => {});
  if (socket.connecting || ('secureConnecting' in socket && socket.secureConnecting)) socket.destroy();
  else socket.resume();
}
