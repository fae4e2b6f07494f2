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
import { answerPreflight, forOrigin } from './cross-origin.js';
import type { Reply, WireRequest } from './exchange.js';
import { Http2Door } from './http2-door.js';
import { requestId } from './request-ids.js';
import { connectionOf, type Request, type Response, respond } from './respond.js';
import type { Routes } from './routes.js';
import type { Service } from './service.js';
import { sniff } from './sniff.js';
import type { TlsDoor } from './tls-door.js';

export interface WireServerOptions {
  readonly limits?: WireLimits;
  /** Whose pages may use it, and under which names; only those on this machine unless given. */
  readonly access?: Access;
  /** Told of each connection that was ended to keep to the limits. */
  readonly onCut?: (reason: CutReason) => void;
}

/**
 * The one port that everything is spoken at. It listens and looks at the first bytes of each connection; node's servers for
 * HTTP/1.1 and HTTP/2, which listen to nothing themselves, are handed the connections that are theirs. What only TLS and
 * HTTP/2 need is loaded when the first such connection comes: start-up time is what is loaded.
 */
export class WireServer {
  readonly #service: Service;
  readonly #routes: Routes;
  readonly #tls: TlsDoor;
  readonly #limits: WireLimits;
  readonly #access: Access;
  readonly #budget: Budget;
  readonly #connections: Connections;
  readonly #http1: Http1Server;
  readonly #http2: Http2Door;
  // Half-open, as node's HTTP server has its sockets: a client may end its side before it has read the answer.
  readonly #server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));

  constructor(service: Service, routes: Routes, tls: TlsDoor, options: WireServerOptions = {}) {
    const { limits = WIRE_LIMITS, access = new Access(), onCut = () => {} } = options;
    this.#service = service;
    this.#routes = routes;
    this.#tls = tls;
    this.#limits = limits;
    this.#access = access;
    this.#budget = new Budget(limits.inFlightBytes);
    this.#connections = new Connections(limits, () => onCut('unread'));
    // An import would read all that node:http exports, which loads a client for browsers' fetch: 60 ms since Node 22.
    const { createServer } = process.getBuiltinModule('node:http');
    this.#http1 = createServer(http1Options(limits), (request, response) => this.#serve(request, response));
    this.#http2 = new Http2Door(limits, (request, response) => this.#serve(request, response));
    this.#tls.onSecure((socket) => sniff(socket, limits.silenceMs, (protocol) => this.#handOver(socket, protocol)));
    this.#server.maxConnections = limits.connections;
    this.#server.on('drop', () => onCut('too-many'));
    this.#http1.timeout = limits.idleMs;
  }

  listen(port: number, host: string): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port, host)));
      this.#server.listen(port, host, () => {
        // It does not listen itself; this starts its checks of how long a request takes to come.
        this.#http1.emit('listening');
        resolve(this.#server.address() as AddressInfo);
      });
    });
  }

  /** Open ones, idle ones too. */
  get connections(): number {
    return this.#connections.count;
  }

  /** Of answers that clients have yet to read. */
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
    // Whoever reads the connection notices that it broke; here it must only not be an error that nobody handles.
    socket.on('error', () => {});
    sniff(socket, this.#limits.silenceMs, (protocol) => {
      // What reads on below this stream learns of an end only where it comes later than what was looked at.
      if (protocol !== 'http1') socket.once('end', () => socket.destroy());
      if (protocol === 'tls') this.#tls.accept(socket);
      else this.#handOver(socket, protocol);
    });
  }

  /** @param socket plain, or what TLS has decrypted */
  #handOver(socket: Socket, protocol: string): void {
    if (protocol === 'http2') this.#http2.accept(socket);
    else this.#http1.emit('connection', socket);
  }

  #serve(message: Request, response: Response): void {
    readBody(message, this.#budget, (body) => {
      const { method = '', url = '/', headers } = message;
      const request = { id: requestId(), method, url, headers };
      if (typeof body === 'string') {
        this.#answer({ ...request, body: Buffer.alloc(0) }, response, body);
        return;
      }
      const begin = () => this.#answer({ ...request, body }, response);
      const connection = connectionOf(response);
      if (connection === undefined) begin();
      else this.#connections.unread.whenRoom(connection, begin, () => this.#budget.give(body.length));
    });
  }

  /** @param fault why the request has no body */
  #answer(request: WireRequest, response: Response, fault?: BodyFault): void {
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
      const ended = fault === undefined || 'sever' in reply ? reply : { ...reply, isLast: true };
      return isForPage ? forOrigin(origin, ended) : ended;
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
    if (refused !== undefined) return this.#routes.answer(request, refused) ?? this.#service.refuse(request, refused);
    return answerPreflight(request) ?? this.#routes.answer(request) ?? this.#service.answer(request);
  }
}

/** A bug outside of the operations: it costs this request its answer, and nobody else anything. */
function failure(error: unknown): Reply {
  const { contentType } = JSON_FORMAT;
  const told = new ServiceError('InternalFailure', String(error), 500);
  return { status: told.status, contentType, body: JSON_FORMAT.writeError(told) };
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
