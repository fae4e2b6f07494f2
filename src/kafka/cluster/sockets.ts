import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { KafkaTls } from './connection.js';

/** Why a connection failed: the server closed it, or does not speak the Kafka protocol. */
export type ConnectionCode = 'CLOSED_WITHOUT_RESPONSE' | 'CLOSED' | 'SPEAKS_HTTP' | 'SPEAKS_TLS' | 'NOT_KAFKA';

const MESSAGES: Readonly<Record<ConnectionCode, string>> = {
  CLOSED_WITHOUT_RESPONSE: 'the connection was closed without a response',
  CLOSED: 'the broker closed the connection',
  SPEAKS_HTTP: 'an HTTP server responded',
  SPEAKS_TLS: 'a TLS server responded',
  NOT_KAFKA: 'the server that responded is not a Kafka broker',
};

/** The first response lists the supported API versions: a few kB. */
const FIRST_RESPONSE_BYTES_MAX = 16 * 1024 ** 2;
const KEEP_ALIVE_MS = 60_000;

/** The arguments that kafkajs passes for a new socket. */
interface Destination {
  readonly host: string;
  readonly port: number;
  readonly onConnect: () => void;
}

/**
 * Creates the sockets of a cluster. They fail with a `ConnectionCode` if the server is not a Kafka broker or closes the
 * connection; kafkajs would take the start of an HTTP response for a length and wait for that many bytes.
 */
export function socketFactory(tls: KafkaTls | undefined): (destination: Destination) => Socket {
  return ({ host, port, onConnect }) => {
    const socket = tls === undefined ? connectTcp({ host, port }, onConnect) : secureSocket(host, port, tls, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setNoDelay(true);
    let hasResponded = false;
    socket.once('data', (chunk: Buffer) => {
      hasResponded = true;
      const code = foreignProtocolOf(chunk);
      if (code !== undefined) socket.destroy(connectionError(code));
    });
    // kafkajs adds its own listener for 'end' later, so this error reaches it first and gives the reason.
    const closed = () => connectionError(hasResponded ? 'CLOSED' : 'CLOSED_WITHOUT_RESPONSE');
    socket.once('end', () => socket.emit('error', closed()));
    return socket;
  };
}

function secureSocket(host: string, port: number, tls: KafkaTls, onConnect: () => void): Socket {
  // SNI takes names only. An IP address is still checked against the certificate.
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ host, port, ...servername, ca: tls.ca, cert: tls.certificate, key: tls.key }, onConnect);
}

/** Returns undefined for the first bytes of a Kafka response, which begins with its length (INT32). */
function foreignProtocolOf(chunk: Buffer): ConnectionCode | undefined {
  if (/^HTTP\//.test(chunk.toString('latin1', 0, 5))) return 'SPEAKS_HTTP';
  // A TLS alert, version 3.x.
  if (chunk[0] === 0x15 && chunk[1] === 0x03) return 'SPEAKS_TLS';
  return chunk.length >= 4 && chunk.readUInt32BE(0) > FIRST_RESPONSE_BYTES_MAX ? 'NOT_KAFKA' : undefined;
}

function connectionError(code: ConnectionCode): Error {
  return Object.assign(new Error(MESSAGES[code]), { code });
}
