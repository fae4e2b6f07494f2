import type { Socket } from 'node:net';
import type { WireLimits } from './bounds.js';
import type { Severed } from './exchange.js';
import { Unread } from './unread.js';

/** What a socket that carries another, and what it carries, have in common: who is at the other end. */
type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/** The TCP connections that are open. TLS and HTTP/2 hide theirs: what they show can neither be closed so nor reset. */
export class Connections {
  /** The answers that wait on them. */
  readonly unread: Unread;
  readonly #sockets = new Set<Socket>();

  /**
   * @param onCut called for each connection that is ended because too many bytes of answers would wait
   */
  constructor({ unreadBytes, connectionUnreadBytes }: WireLimits, onCut: () => void) {
    this.unread = new Unread(unreadBytes, connectionUnreadBytes, onCut);
  }

  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  get count(): number {
    return this.#sockets.size;
  }

  /** Ends the TCP connection, with everything that is on it. */
  sever(onIt: Peer | null | undefined, how: Severed['sever']): void {
    const socket = onIt && this.#carrierOf(onIt);
    if (how === 'reset') socket?.resetAndDestroy();
    else socket?.destroy();
  }

  severAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** No two connections to one port come from the same place. Undefined: it has ended. */
  #carrierOf({ remoteAddress, remotePort }: Peer): Socket | undefined {
    if (remotePort === undefined) return undefined;
    for (const socket of this.#sockets) {
      if (socket.remotePort === remotePort && socket.remoteAddress === remoteAddress) return socket;
    }
    return undefined;
  }
}
