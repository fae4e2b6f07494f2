import type { Http2Server, Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { HTTP2_OPTIONS, type WireLimits } from './bounds.js';
import { SessionWatch } from './session-watch.js';

type Serve = (message: Http2ServerRequest, response: Http2ServerResponse) => void;

/** Serves the connections that turn out to be HTTP/2. Node's module for it is loaded on the first one. */
export class Http2Acceptor {
  readonly #limits: WireLimits;
  readonly #serve: Serve;
  #opened: { readonly server: Http2Server; readonly sessions: SessionWatch } | undefined;

  constructor(limits: WireLimits, serve: Serve) {
    this.#limits = limits;
    this.#serve = serve;
  }

  /** @param socket plain or a TLS socket; nothing was read from it yet */
  accept(socket: Socket): void {
    this.#opened ??= this.#open();
    socket.allowHalfOpen = false;
    // Some clients speak HTTP/2 over TLS without negotiating it: node's server would refuse them.
    if ('alpnProtocol' in socket) socket.alpnProtocol = 'h2';
    this.#opened.server.emit('connection', socket);
  }

  close(): void {
    this.#opened?.sessions.close();
  }

  #open() {
    const { constants, createServer } = process.getBuiltinModule('node:http2');
    const { sessionCheckMs, idleMs, handshakeMs, sessionWindowBytes, bodyMs } = this.#limits;
    const sessions = new SessionWatch(sessionCheckMs, idleMs);
    const server = createServer(HTTP2_OPTIONS, (message, response) => {
      boundBody(message, bodyMs, constants.NGHTTP2_CANCEL);
      this.#serve(message, response);
    });
    server.on('session', (session) => {
      // Large enough for whole bodies, so that clients need not wait for window updates.
      session.setLocalWindowSize(sessionWindowBytes);
      sessions.watch(session);
      boundHandshake(session, handshakeMs);
    });
    return { server, sessions };
  }
}

/** Ends a session whose client does not send its settings, which every client sends first, within `maxMs`. */
function boundHandshake(session: ServerHttp2Session, maxMs: number): void {
  const timer = setTimeout(() => session.destroy(), maxMs);
  const clear = () => clearTimeout(timer);
  session.once('remoteSettings', clear);
  session.once('close', clear);
}

/** Ends a request whose body takes too long. Node itself does so only for HTTP/1.1. */
function boundBody(message: Http2ServerRequest, maxMs: number, code: number): void {
  if (message.stream.endAfterHeaders) return;
  const timer = setTimeout(() => message.stream.close(code), maxMs);
  const clear = () => clearTimeout(timer);
  message.once('end', clear);
  message.once('close', clear);
}
