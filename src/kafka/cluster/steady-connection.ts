import type { Socket } from 'node:net';

/** What this file uses of a connection of kafkajs. */
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

/** A session is renewed this long before it ends, or when this share of it is left, whichever is later. */
const RENEW_MS = 10_000;
const RENEW_SHARE = 0.15;
/** Of the length that each answer begins with. */
const LENGTH_BYTES = 4;

/**
 * Lets a connection be opened and closed any number of times, by many at once, as a long run does through restarts of a
 * broker. kafkajs opens a second socket for whoever comes while it connects, reads a new socket's first answer on from the
 * rest of the old one's last, takes the end of an old socket for the end of a new one, and renews sessions of less than ten
 * seconds with each request.
 */
export function steady(connection: InnerConnection): void {
  const connect = connection.connect.bind(connection);
  const disconnect = connection.disconnect.bind(connection);
  let connecting: Promise<unknown> | undefined;
  let disconnecting: Promise<unknown> | undefined;
  connection.connect = () => {
    connecting ??= open().finally(() => {
      connecting = undefined;
    });
    return connecting;
  };
  connection.disconnect = () => {
    disconnecting ??= close().finally(() => {
      disconnecting = undefined;
    });
    return disconnecting;
  };
  const open = async () => {
    await disconnecting;
    if (connection.isConnected()) return;
    Object.assign(connection, { chunks: [], bytesBuffered: 0, bytesNeeded: LENGTH_BYTES, authHandlers: null });
    await connect();
  };
  const close = async () => {
    await disconnect();
    if (connection.socket !== undefined) forget(connection.socket);
  };
  Object.defineProperty(connection, 'reauthenticationThreshold', {
    get: () => Math.floor(Math.min(RENEW_MS, Number(connection.sessionLifetime.toString()) * RENEW_SHARE)),
  });
}

/** Lets a socket finish what was written to it, unheard; one that is not yet open is to be no more. */
function forget(socket: Socket): void {
  for (const event of ['data', 'end', 'error', 'timeout']) socket.removeAllListeners(event);
  socket.on('error', () => {});
  if (socket.connecting || ('secureConnecting' in socket && socket.secureConnecting)) socket.destroy();
  else socket.resume();
}
