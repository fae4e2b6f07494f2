import type { Server as Http1Server } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { JSON_FORMAT } from '../protocol/format.js';
import { ServiceError } from '../protocol/service-error.js';
import { Access } from './access.js';
import { tooLarge } from './admission.js';
import { type BodyFault, readBody } from './body.js';
import { type CutReason, http1Options, WIRE_LIMITS, type WireLimits } from './bounds.js';
import { Budget } from './budget.js';
import { Connections } from './connections.js';
import { forOrigin, preflightResponse } from './cross-origin.js';
import type { Reply, WireRequest } from './exchange.js';
import { Http2Acceptor } from './http2-acceptor.js';
import { requestId } from './request-ids.js';
import { connectionOf, type Request, type Response, respond } from './respond.js';
import type { Routes } from './routes.js';
import type { Service } from './service.js';
import { sniff } from './sniff.js';
import type { TlsAcceptor } from './tls-acceptor.js';

export interface WireServerOptions {
  readonly limits?: WireLimits;
  /** Which pages may use it, and under which host names. Default: those on this machine. */
  readonly access?: Access;
  /** Called for each connection that was cut to keep within the limits. */
  readonly onCut?: (reason: CutReason) => void;
}

/**
 * Serves HTTP/1.1, HTTP/2 and TLS on one port. It looks at the first bytes of each connection and passes the connection
 * to node's server for that protocol; those servers do not listen themselves. Modules for TLS and HTTP/2 are loaded on
 * the first such connection, to keep start-up fast.
 */
export class WireServer {
  readonly #service: Service;
  readonly #routes: Routes;
  readonly #tls: TlsAcceptor;
  readonly #limits: WireLimits;
  readonly #access: Access;
  readonly #budget: Budget;
  readonly #connections: Connections;
  readonly #http1: Http1Server;
  readonly #http2: Http2Acceptor;
  // Half-open, like the sockets of node's HTTP server: a client may end its side before it has read the response.
  readonly #server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));

  constructor(service: Service, routes: Routes, tls: TlsAcceptor, options: WireServerOptions = {}) {
    const { limits = WIRE_LIMITS, access = new Access(), onCut = () => {} } = options;
    this.#service = service;
    this.#routes = routes;
    this.#tls = tls;
    this.#limits = limits;
    this.#access = access;
    this.#budget = new Budget(limits.inFlightBytes);
    this.#connections = new Connections(limits, () => onCut('unread'));
    // Not imported: an import reads every export of node:http, and one loads the client behind fetch: 60 ms on Node 22.
    const { createServer } = process.getBuiltinModule('node:http');
    this.#http1 = createServer(http1Options(limits), (request, response) => this.#serve(request, response));
    this.#http2 = new Http2Acceptor(limits, (request, response) => this.#serve(request, response));
    this.#tls.onSecure((socket) => sniff(socket, limits.handshakeMs, (protocol) => this.#handOver(socket, protocol)));
    this.#server.maxConnections = limits.connections;
    this.#server.on('drop', () => onCut('too-many'));
    this.#http1.timeout = limits.idleMs;
  }

  listen(port: number, host: string): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port, host)));
      this.#server.listen(port, host, () => {
        // It does not listen itself; this event starts its checks of request timeouts.
        this.#http1.emit('listening');
        resolve(this.#server.address() as AddressInfo);
      });
    });
  }

  /** Open connections, including idle ones. */
  get connections(): number {
    return this.#connections.count;
  }

  /** Bytes of responses that clients have not read yet. */
  get unreadBytes(): number {
    return this.#connections.unread.bytes;
  }

  /** Ends all connections and stops listening. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#http1.close();
      this.#http2.close();
      this.#connections.severAll();
    });
  }

  #accept(socket: Socket): void {
    this.#connections.add(socket);
    // The server that gets the connection handles its errors; without a listener here an early error would crash.
    socket.on('error', () => {});
    sniff(socket, this.#limits.handshakeMs, (protocol) => {
      // TLS and HTTP/2 read below this stream: they miss an end that arrived together with the sniffed bytes.
      if (protocol !== 'http1') socket.once('end', () => socket.destroy());
      if (protocol === 'tls') this.#tls.accept(socket);
      else this.#handOver(socket, protocol);
    });
  }

  /** @param socket plain or a TLS socket */
  #handOver(socket: Socket, protocol: string): void {
    if (protocol === 'http2') this.#http2.accept(socket);
    else this.#http1.emit('connection', socket);
  }

  #serve(message: Request, response: Response): void {
    readBody(message, this.#budget, (body) => {
      const { method = '', url = '/', headers } = message;
      const request = { id: requestId(), method, url, headers };
      if (typeof body === 'string') {
        this.#handle({ ...request, body: Buffer.alloc(0) }, response, body);
        return;
      }
      const begin = () => this.#handle({ ...request, body }, response);
      const connection = connectionOf(response);
      if (connection === undefined) begin();
      else this.#connections.unread.whenRoom(connection, begin, () => this.#budget.give(body.length));
    });
  }

  /** @param fault why the request has no body */
  #handle(request: WireRequest, response: Response, fault?: BodyFault): void {
    const finish = (reply: Reply) => {
      this.#budget.give(request.body.length);
      void respond(response, request.id, reply, this.#connections);
    };
    const reply = this.#replyTo(request, fault);
    if (reply instanceof Promise) void reply.then(finish);
    else finish(reply);
  }

  /** Never throws or rejects. */
  #replyTo(request: WireRequest, fault: BodyFault | undefined): Reply | Promise<Reply> {
    const { origin } = request.headers;
    const isForPage = origin !== undefined && this.#access.allowsOrigin(origin);
    const finish = (reply: Reply): Reply => {
      const last = fault === undefined || 'sever' in reply ? reply : { ...reply, isLast: true };
      return isForPage ? forOrigin(origin, last) : last;
    };
    try {
      const reply = this.#decide(request, fault);
      return reply instanceof Promise ? reply.catch(failure).then(finish) : finish(reply);
    } catch (error) {
      return finish(failure(error));
    }
  }

  #decide(request: WireRequest, fault: BodyFault | undefined): Reply | Promise<Reply> {
    const refused = fault === undefined ? this.#access.refusal(request) : refusal(fault);
    if (refused !== undefined) return this.#routes.handle(request, refused) ?? this.#service.refuse(request, refused);
    return preflightResponse(request) ?? this.#routes.handle(request) ?? this.#service.handle(request);
  }
}

/** The response for a bug outside the operations. It affects this request only. */
function failure(error: unknown): Reply {
  const { contentType } = JSON_FORMAT;
  const internal = new ServiceError('InternalFailure', String(error), 500);
  return { status: internal.status, contentType, body: JSON_FORMAT.writeError(internal) };
}

function refusal(fault: BodyFault): ServiceError {
  return fault === 'too-large'
    ? tooLarge()
    : new ServiceError('ServiceUnavailable', 'Too many bytes of requests are in flight', 503);
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): Error {
  if (error.code !== 'EADDRINUSE') return error;
  return Object.assign(new Error(`port ${port} of ${host} is already in use`), { code: 'EADDRINUSE' });
}
