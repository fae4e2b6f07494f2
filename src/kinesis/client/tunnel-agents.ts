import type http from 'node:http';
import type { ClientSessionOptions } from 'node:http2';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { hostOf, proxyFor } from './proxy.js';
import { openTunnel } from './tunnel.js';

/**
 * Makes an agent connect through the proxy that the environment sets, if any. TLS goes through the proxy, from this
 * process to the destination.
 */
export function tunnelled<T extends http.Agent>(agent: T, timeoutMs: number): T {
  const secure = agent instanceof https.Agent;
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const { host, port } = options;
    const destination = { secure, host: host ?? 'localhost', port: Number(port ?? (secure ? 443 : 80)) };
    const proxy = proxyFor(destination, process.env);
    if (proxy === undefined) return connect(options, callback);
    const opened = (socket: Socket) =>
      secure ? tls.connect({ ...(options as tls.ConnectionOptions), socket }) : socket;
    // Node ignores the stream argument if there is an error.
    const failed = callback as ((error: Error) => void) | undefined;
    openTunnel(proxy, destination, timeoutMs).then((socket) => callback?.(null, opened(socket)), failed);
    return undefined;
  };
  return agent;
}

/** Returns options that make an HTTP/2 session connect through the proxy that the environment sets, if any. */
export function tunnelledSession(timeoutMs: number, ca: string | undefined): ClientSessionOptions {
  return {
    createConnection: (authority) => {
      const secure = authority.protocol === 'https:';
      const host = hostOf(authority);
      const destination = { secure, host, port: Number(authority.port || (secure ? 443 : 80)) };
      const proxy = proxyFor(destination, process.env);
      const options = { host, port: destination.port };
      const tunnel = proxy && new Tunnel(() => openTunnel(proxy, destination, timeoutMs));
      if (!secure) return tunnel ?? net.connect(options);
      return tls.connect({
        ...(tunnel === undefined ? options : { socket: tunnel }),
        ALPNProtocols: ['h2'],
        // TLS allows no IP address as a server name.
        ...(net.isIP(host) === 0 ? { servername: host } : { host }),
        ...(ca === undefined ? {} : { ca }),
      });
    },
  };
}

/** A connection through a proxy that can be used before it is open, because HTTP/2 does not wait for it to open. */
class Tunnel extends Duplex {
  readonly #open: () => Promise<Socket>;
  #socket: Socket | undefined;

  constructor(open: () => Promise<Socket>) {
    super();
    this.#open = open;
  }

  override _construct(done: (error?: Error | null) => void): void {
    this.#open().then((socket) => {
      this.#socket = socket;
      socket.on('data', (bytes) => {
        if (!this.push(bytes)) socket.pause();
      });
      socket.on('end', () => this.push(null));
      socket.on('error', (error) => this.destroy(error));
      socket.on('close', () => this.destroy());
      done();
    }, done);
  }

  override _read(): void {
    this.#socket?.resume();
  }

  override _write(bytes: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket?.write(bytes, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket?.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket?.destroy();
    done(error);
  }
}
