import type { Socket } from 'node:net';
import type { WireLimits } from './bounds.js';
import type { Severed } from './exchange.js';
import { Unread } from './unread.js';

/** The remote end, by which a TCP socket is matched with the TLS socket or HTTP/2 session on top of it. */
type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/** The open TCP connections. The sockets that TLS and HTTP/2 expose cannot be reset: the TCP sockets below them can. */
export class Connections {
  /** The responses that wait on them. */
  readonly unread: Unread;
  readonly #sockets = new Set<Socket>();

  /** @param onCut called for each connection that is ended because too many bytes of responses are unread */
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

  /** Ends the TCP connection below `peer`. */
  sever(peer: Peer | null | undefined, how: Severed['sever']): void {
    const socket = peer && this.#tcpSocketOf(peer);
    if (how === 'reset') socket?.resetAndDestroy();
    else socket?.destroy();
  }

  severAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The TCP socket with this remote address and port, which are unique; undefined if it has closed. */
  #tcpSocketOf({ remoteAddress, remotePort }: Peer): Socket | undefined {
    if (remotePort === undefined) return undefined;
    for (const socket of this.#sockets) {
      if (socket.remotePort === remotePort && socket.remoteAddress === remoteAddress) return socket;
    }
    return undefined;
  }
}
