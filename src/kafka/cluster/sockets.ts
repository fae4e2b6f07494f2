import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { KafkaTls } from './connection.js';

/** How a connection ended, or what came over it, where that says more than that it ended. */
export type ConnectionCode = 'CLOSED_UNANSWERED' | 'CLOSED' | 'SPEAKS_HTTP' | 'SPEAKS_TLS' | 'SPEAKS_NO_KAFKA';

const MEANINGS: Readonly<Record<ConnectionCode, string>> = {
  CLOSED_UNANSWERED: 'closed without an answer',
  CLOSED: 'closed by the broker',
  SPEAKS_HTTP: 'an HTTP server answered',
  SPEAKS_TLS: 'a TLS server answered',
  SPEAKS_NO_KAFKA: 'what answered is no Kafka broker',
};

/** The first answer tells the versions of requests: a few kB. */
const FIRST_ANSWER_BYTES_MAX = 16 * 1024 ** 2;
const KEEP_ALIVE_MS = 60_000;

/** How kafkajs asks for a socket. */
interface Destination {
  readonly host: string;
  readonly port: number;
  readonly onConnect: () => void;
}

/** Makes the sockets of a cluster, which tell what they met: kafkajs waits for the rest of any answer, also of an HTTP server's. */
export function socketFactory(tls: KafkaTls | undefined): (destination: Destination) => Socket {
  return ({ host, port, onConnect }) => {
    const socket = tls === undefined ? connectTcp({ host, port }, onConnect) : secureSocket(host, port, tls, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setNoDelay(true);
    let isAnswered = false;
    socket.once('data', (chunk: Buffer) => {
      isAnswered = true;
      const code = strangerIn(chunk);
      if (code !== undefined) socket.destroy(connectionError(code));
    });
    // kafkajs has yet to listen: it hears of the error first, and of an end without a reason not at all.
    socket.once('end', () => socket.emit('error', connectionError(isAnswered ? 'CLOSED' : 'CLOSED_UNANSWERED')));
    return socket;
  };
}

function secureSocket(host: string, port: number, tls: KafkaTls, onConnect: () => void): Socket {
  // An address is no name to ask for; it is checked against the certificate all the same.
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ host, port, ...servername, ca: tls.ca, cert: tls.certificate, key: tls.key }, onConnect);
}

/** An answer begins with its length; undefined where that is one. */
function strangerIn(chunk: Buffer): ConnectionCode | undefined {
  if (/^HTTP\//.test(chunk.toString('latin1', 0, 5))) return 'SPEAKS_HTTP';
  // A TLS alert, version 3.x.
  if (chunk[0] === 0x15 && chunk[1] === 0x03) return 'SPEAKS_TLS';
  return chunk.length >= 4 && chunk.readUInt32BE(0) > FIRST_ANSWER_BYTES_MAX ? 'SPEAKS_NO_KAFKA' : undefined;
}

function connectionError(code: ConnectionCode): Error {
  return Object.assign(new Error(MEANINGS[code]), { code });
}
