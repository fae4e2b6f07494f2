import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import { WIRE_LIMITS } from './bounds.js';
import { type KeyPair, type MadeCertificate, makeCertificate } from './certificate.js';

/**
 * Decrypts the connections that turn out to be TLS. On the first one node's module for it is loaded and a certificate
 * made.
 */
export class TlsAcceptor {
  readonly #given: KeyPair | undefined;
  readonly #host: string;
  readonly #region: string;
  readonly #handshakeMs: number;
  #made: Promise<MadeCertificate> | undefined;
  #server: Promise<Server> | undefined;
  #listener: (socket: TLSSocket) => void = () => {};

  /**
   * Throws an Error if `given` is not a certificate with its key.
   * @param given       used instead of a generated certificate
   * @param handshakeMs a connection whose handshake takes longer is ended
   */
  constructor(host: string, region: string, given?: KeyPair, handshakeMs: number = WIRE_LIMITS.handshakeMs) {
    this.#host = host;
    this.#region = region;
    this.#handshakeMs = handshakeMs;
    this.#given = given;
    if (given !== undefined) this.#server = Promise.resolve(this.#open(given));
  }

  /** @param listener called for each connection whose handshake is done */
  onSecure(listener: (socket: TLSSocket) => void): void {
    this.#listener = listener;
  }

  /** The certificate that clients have to trust, in PEM. */
  async caCertificate(): Promise<string> {
    if (this.#given !== undefined) return this.#given.cert;
    this.#made ??= makeCertificate(this.#host, this.#region);
    return (await this.#made).ca;
  }

  /** @param socket nothing was read from it yet */
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
      // HTTP/2 first, as in the service.
      ALPNProtocols: ['h2', 'http/1.1'],
      handshakeTimeout: this.#handshakeMs,
    });
    // After a handshake timeout node leaves the connection open.
    server.on('tlsClientError', (_, socket) => socket.destroy());
    server.on('secureConnection', (socket) => {
      socket.on('error', () => {});
      this.#listener(socket);
    });
    return server;
  }
}
