import net from 'node:net';
import tls from 'node:tls';
import type { Destination } from '../client/proxy.js';
import { openTunnel } from '../client/tunnel.js';
import { type Answer, ResponseParser } from './response-parser.js';

/** Where connections lead to, and how. */
export interface Origin extends Destination {
  /** Certificates to trust instead of Node's own, in PEM. */
  readonly ca?: string | undefined;
  readonly proxy?: URL | undefined;
}

/** Saves a handshake its longer half; filled by connections, for those after them. */
export interface TlsSession {
  data?: Buffer;
}

/** One read of the socket takes at most this much. */
const READ_BYTES = 64 * 1024;
/** A server that says how long it keeps an idle connection is believed, but for this much. */
const KEEP_ALIVE_MARGIN_MS = 1_000;

interface Exchange {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * One HTTP/1.1 connection, with one request at a time. It exists for the figure: at 500 records of 100 bytes a request by
 * node:http costs 1.2 us of processor time a record, one by this 0.15, with one write for head and body and one buffer for all reads.
 */
export class Connection {
  readonly #socket: net.Socket;
  readonly #parser = new ResponseParser();
  #exchange: Exchange | undefined;
  #isOpen = true;
  #isWritten = false;
  #idleSinceMs = performance.now();
  #idleUntilMs = Number.POSITIVE_INFINITY;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('end', () => this.#ended());
    socket.on('close', () => this.#ended());
    socket.on('error', (error) => this.#failed(error));
  }

  /**
   * @param session of TLS, of an earlier connection to the same origin
   * @throws the system's error, or one named TimeoutError
   */
  static async open(origin: Origin, timeoutMs: number, session: TlsSession): Promise<Connection> {
    const { proxy } = origin;
    const tunnel = proxy && (await openTunnel(proxy, origin, timeoutMs));
    return new Promise((resolve, reject) => {
      let received: (bytes: Buffer) => void = () => {};
      const socket = socketTo(origin, session, tunnel, (bytes) => received(bytes));
      const timer = setTimeout(() => {
        const message = `no connection to ${origin.host}:${origin.port} within ${timeoutMs} ms`;
        socket.destroy(Object.assign(new Error(message), { name: 'TimeoutError' }));
      }, timeoutMs);
      const failed = (error: Error) => {
        clearTimeout(timer);
        reject(error);
      };
      const closed = () => failed(codedError('ECONNRESET', 'the connection was closed while it was opened'));
      socket.once('error', failed);
      socket.once('close', closed);
      const opened = () => {
        clearTimeout(timer);
        const connection = new Connection(socket);
        received = (bytes) => connection.#received(bytes);
        socket.off('error', failed);
        socket.off('close', closed);
        resolve(connection);
      };
      if (origin.secure) socket.once('secureConnect', opened);
      else if (tunnel === undefined) socket.once('connect', opened);
      else opened();
    });
  }

  /** Whether another request may go here, as far as this side knows. */
  get isUsable(): boolean {
    return this.#isOpen && this.#exchange === undefined && performance.now() < this.#idleUntilMs;
  }

  /** For how long nothing has been asked here. */
  get idleMs(): number {
    return performance.now() - this.#idleSinceMs;
  }

  /** Whether the server may have had all of the last request: the system took all of it, or an answer began. */
  get mayHaveDelivered(): boolean {
    return this.#isWritten || !this.#parser.isFresh;
  }

  /**
   * Sends a request and waits for its answer. The answer's body is good until the next exchange. The request's bytes must
   * stay as they are until the answer is there; if it never comes, for good.
   *
   * @throws BadAnswerError, the system's error, or what looks like one: ECONNRESET, ETIMEDOUT
   */
  exchange(request: Uint8Array, timeoutMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) return reject(codedError('ECONNRESET', 'the connection is closed'));
      const timer = setTimeout(() => {
        this.#failed(
          Object.assign(codedError('ETIMEDOUT', `no answer within ${Math.round(timeoutMs)} ms`), {
            name: 'TimeoutError',
          }),
        );
      }, timeoutMs);
      this.#exchange = { resolve, reject, timer };
      this.#isWritten = false;
      this.#parser.reset();
      this.#socket.write(request, (error) => {
        this.#isWritten = !error;
      });
    });
  }

  destroy(): void {
    this.#failed(codedError('ECONNRESET', 'the connection was closed here'));
  }

  #received(bytes: Buffer): void {
    try {
      // What nobody asked for is a 408 before the server closes, or the rest of an answer that was longer than it said.
      if (this.#exchange === undefined) this.destroy();
      else if (this.#parser.read(bytes)) this.#answered(this.#exchange);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #answered(exchange: Exchange): void {
    const { answer } = this.#parser;
    this.#exchange = undefined;
    clearTimeout(exchange.timer);
    this.#idleSinceMs = performance.now();
    this.#idleUntilMs = this.#idleSinceMs + keptMs(answer);
    // A server that answers before it has all of the request does not read the rest.
    if (!answer.isKeptAlive || !this.#isWritten) this.destroy();
    exchange.resolve(answer);
  }

  #ended(): void {
    const exchange = this.#exchange;
    if (exchange !== undefined && this.#parser.end()) this.#answered(exchange);
    const where = this.#parser.isFresh ? 'without an answer' : 'within its answer';
    this.#failed(codedError('ECONNRESET', `the connection was closed ${where}`));
  }

  #failed(error: Error): void {
    this.#isOpen = false;
    this.#socket.destroy();
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    this.#exchange = undefined;
    clearTimeout(exchange.timer);
    exchange.reject(error);
  }
}

/** @param tunnel a connection that leads there already */
function socketTo(
  { secure, host, port, ca }: Origin,
  session: TlsSession,
  tunnel: net.Socket | undefined,
  received: (bytes: Buffer) => void,
): net.Socket {
  if (!secure && tunnel !== undefined) return tunnel.on('data', received);
  if (!secure) {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    const callback = (count: number): boolean => {
      received(buffer.subarray(0, count));
      return true;
    };
    return net.connect({ host, port, noDelay: true, keepAlive: true, onread: { buffer, callback } });
  }
  const socket = tls.connect({
    host,
    port,
    ALPNProtocols: ['http/1.1'],
    // An address is no server name.
    ...(net.isIP(host) === 0 ? { servername: host } : {}),
    ...(session.data === undefined ? {} : { session: session.data }),
    ...(ca === undefined ? {} : { ca }),
    ...(tunnel === undefined ? {} : { socket: tunnel }),
  });
  socket.setNoDelay(true).setKeepAlive(true);
  socket.on('session', (data) => {
    session.data = data;
  });
  return socket.on('data', received);
}

function codedError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** How long a server keeps the connection after this answer: `Keep-Alive: timeout=5`. */
function keptMs({ headers }: Answer): number {
  const seconds = /(?:^|[ ,;])timeout=(\d+)/i.exec(headers.get('keep-alive') ?? '')?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000 - KEEP_ALIVE_MARGIN_MS;
}
