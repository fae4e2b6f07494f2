import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import { WIRE_LIMITS } from './bounds.js';
import { type KeyPair, type MadeCertificate, makeCertificate } from './certificate.js';

/**
 * Decrypts the connections that turn out to be TLS. Node's module for it is loaded, and a certificate made, when the first
 * one does.
 */
export class TlsDoor {
  readonly #given: KeyPair | undefined;
  readonly #host: string;
  readonly #region: string;
  readonly #handshakeMs: number;
  #made: Promise<MadeCertificate> | undefined;
  #server: Promise<Server> | undefined;
  #listener: (socket: TLSSocket) => void = () => {};

  /**
   * @param given       instead of a certificate that is made
   * @param handshakeMs after so long without the end of its handshake a connection is ended
   * Throws an Error where what is given is no certificate with its key.
   */
  constructor(host: string, region: string, given?: KeyPair, handshakeMs: number = WIRE_LIMITS.silenceMs) {
    this.#host = host;
    this.#region = region;
    this.#handshakeMs = handshakeMs;
    this.#given = given;
    if (given !== undefined) this.#server = Promise.resolve(this.#open(given));
  }

  /** @param listener is told of each connection whose handshake is done */
  onSecure(listener: (socket: TLSSocket) => void): void {
    this.#listener = listener;
  }

  /** In PEM: what a client has to trust. */
  async caCertificate(): Promise<string> {
    if (this.#given !== undefined) return this.#given.cert;
    this.#made ??= makeCertificate(this.#host, this.#region);
    return (await this.#made).ca;
  }

  /** @param socket with nothing read of it yet */
  accept(socket: Socket): void {
    socket.allowHalfOpen = false;
    this.#server ??= this.#make();
    void this.#server.then(
      (server) => {
        if (!socket.destroyed) server.emit('connection', socket);
      },
      () => socket.destroy(),
    );
  }

  async #make(): Promise<Server> {
    this.#made ??= makeCertificate(this.#host, this.#region);
    return this.#open(await this.#made);
  }

  #open({ cert, key }: KeyPair): Server {
    const { createSecureContext, createServer } = process.getBuiltinModule('node:tls');
    try {
      createSecureContext({ cert, key });
    } catch (error) {
      throw new Error('the certificate and its key cannot be used', { cause: error });
    }
    const server = createServer({
      cert,
      key,
      // HTTP/2 first, as the service has it.
      ALPNProtocols: ['h2', 'http/1.1'],
      handshakeTimeout: this.#handshakeMs,
    });
    // A failed handshake affects no other connection. One that takes too long leaves its connection open.
    server.on('tlsClientError', (_, socket) => socket.destroy());
    server.on('secureConnection', (socket) => {
      socket.on('error', () => {});
      this.#listener(socket);
    });
    return server;
  }
}
