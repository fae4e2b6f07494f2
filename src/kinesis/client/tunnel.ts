import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { type Destination, hostOf } from './proxy.js';

/** Thrown if the proxy fails, rather than the destination behind it. */
export class ProxyError extends Error {
  /** The system's error code, or the status of the proxy's refusal: `HTTP 407`. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Opens a connection through a proxy, using CONNECT.
 *
 * @throws ProxyError
 */
export function openTunnel(proxy: URL, { host, port }: Destination, timeoutMs: number): Promise<Socket> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === 'https:' ? https : http).request({
      host: hostOf(proxy),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...authorizationOf(proxy) },
      agent: false,
    });
    const failed = (what: string, code: string) => {
      clearTimeout(timer);
      request.destroy();
      reject(new ProxyError(`the proxy ${proxy.host} ${what}`, code));
    };
    const timer = setTimeout(() => failed(`did not connect within ${timeoutMs} ms`, 'ETIMEDOUT'), timeoutMs);
    request.once('connect', ({ statusCode = 0, statusMessage }, socket: Socket, head) => {
      if (statusCode < 200 || statusCode >= 300) {
        socket.destroy();
        return failed(`refused to connect to ${authority}: ${statusCode} ${statusMessage}`, `HTTP ${statusCode}`);
      }
      clearTimeout(timer);
      if (head.length > 0) socket.unshift(head);
      socket.setNoDelay(true).setKeepAlive(true);
      resolve(socket);
    });
    request.on('error', ({ code = 'ECONNRESET' }: NodeJS.ErrnoException) => {
      failed(`cannot be reached (${code})`, code);
    });
    request.end();
  });
}

function authorizationOf({ username, password }: URL): { readonly 'proxy-authorization'?: string } {
  if (username === '' && password === '') return {};
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` };
}
