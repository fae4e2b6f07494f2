import { setImmediate } from 'node:timers/promises';
import { Connection, type Origin, type TlsSession } from './connection.js';
import type { HttpResponse } from './response-parser.js';

/** A connection that was idle for longer is checked before it is used, because the server may have closed it. */
const CHECK_AFTER_IDLE_MS = 50;

export interface Timeouts {
  readonly connectMs: number;
  readonly requestMs: number;
}

/** The connections to one origin, one for each concurrent request. */
export class ConnectionPool {
  readonly origin: Origin;
  readonly #timeouts: Timeouts;
  readonly #session: TlsSession = {};
  readonly #all = new Set<Connection>();
  /** A stack: the connection used last is used next, so that the others can time out. */
  readonly #idle: Connection[] = [];
  #isClosed = false;

  constructor(origin: Origin, timeouts: Timeouts) {
    this.origin = origin;
    this.#timeouts = timeouts;
  }

  leadsTo({ secure, host, port }: Origin): boolean {
    const { origin } = this;
    return port === origin.port && host === origin.host && secure === origin.secure;
  }

  /** Opens a connection for the first request to use. */
  async warmUp(): Promise<void> {
    this.#giveBack(await this.#open());
  }

  /**
   * Sends a request and reads its response.
   *
   * @param request head and body; must not change until there is a response, or ever again if there is none
   * @param onWrite called each time the request is written to a socket
   * @param read    called with the response, which is valid only during the call
   * @throws what opening a connection or the exchange throws; ECONNRESET and the like mean that the response was lost
   */
  async ask<T>(request: Uint8Array, onWrite: () => void, read: (response: HttpResponse) => T): Promise<T> {
    const startedMs = performance.now();
    for (;;) {
      const kept = await this.#takeKept();
      const connection = kept ?? (await this.#open());
      try {
        onWrite();
        const leftMs = Math.max(1, this.#timeouts.requestMs - (performance.now() - startedMs));
        return read(await connection.exchange(request, leftMs));
      } catch (error) {
        // The server closed a kept connection before it got the request, so sending it again is safe.
        if (kept === undefined || connection.mayHaveDelivered || this.#isClosed) throw error;
      } finally {
        this.#giveBack(connection);
      }
    }
  }

  /** Closes all connections. Requests in flight fail with ECONNRESET. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#all) connection.destroy();
  }

  async #takeKept(): Promise<Connection | undefined> {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return undefined;
      // One turn of the event loop reads what has arrived meanwhile, including the end of the connection.
      if (connection.isUsable && connection.idleMs > CHECK_AFTER_IDLE_MS) await setImmediate();
      if (connection.isUsable) return connection;
      this.#drop(connection);
    }
  }

  async #open(): Promise<Connection> {
    const { connectMs, requestMs } = this.#timeouts;
    const connection = await Connection.open(this.origin, Math.min(connectMs, requestMs), this.#session);
    this.#all.add(connection);
    if (this.#isClosed) connection.destroy();
    return connection;
  }

  #giveBack(connection: Connection): void {
    if (connection.isUsable && !this.#isClosed) this.#idle.push(connection);
    else this.#drop(connection);
  }

  #drop(connection: Connection): void {
    this.#all.delete(connection);
    connection.destroy();
  }
}
