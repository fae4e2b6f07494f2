import type { Socket } from 'node:net';
import { createSecureContext, createServer, type Server, type TLSSocket } from 'node:tls';
import { WIRE_LIMITS } from './bounds.js';
import { type KeyPair, type MadeCertificate, makeCertificate } from './certificate.js';

/** Decrypts the connections that turn out to be TLS. Its certificate is made when the first one does, or is asked for. */
export class TlsDoor {
  readonly #server: Server;
  readonly #given: KeyPair | undefined;
  readonly #host: string;
  readonly #region: string;
  #made: Promise<MadeCertificate> | undefined;
  #ready: Promise<void> | undefined;

  /**
   * @param given instead of a certificate that is made
   * Throws an Error where what is given is no certificate with its key.
   */
  constructor(host: string, region: string, given?: KeyPair) {
    this.#host = host;
    this.#region = region;
    this.#given = given;
    this.#server = createServer({
      // HTTP/2 first, as the service has it.
      ALPNProtocols: ['h2', 'http/1.1'],
      handshakeTimeout: WIRE_LIMITS.silenceMs,
    });
    // A handshake that fails has ended its connection, and concerns nobody else.
    this.#server.on('tlsClientError', () => {});
    if (given !== undefined) this.#ready = Promise.resolve(this.#use(given));
  }

  /** @param listener is told of each connection whose handshake is done */
  onSecure(listener: (socket: TLSSocket) => void): void {
    this.#server.on('secureConnection', (socket) => {
      socket.on('error', () => {});
      listener(socket);
    });
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
    this.#ready ??= this.#make();
    void this.#ready.then(
      () => {
        if (!socket.destroyed) this.#server.emit('connection', socket);
      },
      () => socket.destroy(),
    );
  }

  async #make(): Promise<void> {
    this.#made ??= makeCertificate(this.#host, this.#region);
    this.#use(await this.#made);
  }

  #use({ cert, key }: KeyPair): void {
    try {
      createSecureContext({ cert, key });
    } catch (error) {
      throw new Error('the certificate and its key cannot be used', { cause: error });
    }
    this.#server.setSecureContext({ cert, key });
  }
}
