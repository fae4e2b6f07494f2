import { randomUUID } from 'node:crypto';
import { createServer as createHttp1Server, type Server as Http1Server, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from 'node:net';
import { JSON_FORMAT } from '../protocol/format.js';
import { ServiceError } from '../protocol/service-error.js';
import { type BodyFault, readBody } from './body.js';
import { Budget } from './budget.js';
import type { Reply, WireRequest } from './exchange.js';
import { type Response, respond } from './respond.js';
import type { Routes } from './routes.js';
import type { Service } from './service.js';

/** Bodies of requests that are being read or answered, all together. */
const IN_FLIGHT_BYTES_MAX = 512 * 1024 * 1024;
const CONNECTIONS_MAX = 10_000;

/** Clients keep idle connections for up to a minute: one that the server ends first may meet a request on its way. */
const TIMEOUTS = { keepAliveTimeout: 75_000, headersTimeout: 20_000, requestTimeout: 120_000 };

/** The one port that everything is spoken at. */
export class WireServer {
  readonly #service: Service;
  readonly #routes: Routes;
  readonly #budget = new Budget(IN_FLIGHT_BYTES_MAX);
  readonly #server: Server;
  readonly #http1: Http1Server;
  readonly #sockets = new Set<Socket>();

  constructor(service: Service, routes: Routes) {
    this.#service = service;
    this.#routes = routes;
    this.#http1 = createHttp1Server(TIMEOUTS, (request, response) => this.#serve(request, response));
    // Half-open, as node's HTTP server has its sockets: a client may end its side before it has read the answer.
    this.#server = createNetServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    this.#server.maxConnections = CONNECTIONS_MAX;
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

  /** Ends all connections and stops listening. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#http1.close();
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.#http1.emit('connection', socket);
  }

  #serve(message: IncomingMessage, response: Response): void {
    readBody(message, this.#budget, (body) => {
      if (typeof body === 'string') {
        void respond(response, randomUUID(), refusal(body));
        return;
      }
      const { method = '', url = '/', headers } = message;
      this.#answer({ id: randomUUID(), method, url, headers, body }, response);
    });
  }

  #answer(request: WireRequest, response: Response): void {
    const reply = this.#routes.answer(request) ?? this.#service.answer(request);
    const finish = (ready: Reply) => {
      this.#budget.give(request.body.length);
      void respond(response, request.id, ready);
    };
    if (reply instanceof Promise) void reply.then(finish);
    else finish(reply);
  }
}

function refusal(fault: BodyFault): Reply {
  const error =
    fault === 'too-large'
      ? new ServiceError('RequestEntityTooLargeException', 'Request exceeds the maximum size', 413)
      : new ServiceError('ServiceUnavailable', 'Too many bytes of requests are in flight', 503);
  const { contentType } = JSON_FORMAT;
  return { status: error.status, contentType, headers: { Connection: 'close' }, body: JSON_FORMAT.writeError(error) };
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): Error {
  if (error.code !== 'EADDRINUSE') return error;
  return Object.assign(new Error(`port ${port} of ${host} is already in use`), { code: 'EADDRINUSE' });
}
