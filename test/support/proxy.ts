import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** An HTTP proxy that supports CONNECT only, and connects every client to the same server. */
export interface TestProxy {
  readonly url: string;
  /** The addresses that clients asked for. */
  readonly asked: string[];
  /** The Proxy-Authorization header of each CONNECT. */
  readonly logins: (string | undefined)[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param refusal a status line to respond with instead of connecting, such as '407 Proxy Authentication Required' */
export async function proxyTo(target: string, refusal?: string): Promise<TestProxy> {
  const { hostname, port } = new URL(target);
  const asked: string[] = [];
  const logins: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(400).end());
  server.on('connect', (request, client: Socket) => {
    asked.push(request.url ?? '');
    logins.push(request.headers['proxy-authorization']);
    sockets.add(client);
    client.on('error', () => {});
    if (refusal !== undefined) return client.end(`HTTP/1.1 ${refusal}\r\n\r\n`);
    const upstream = connect({ host: hostname, port: Number(port) }, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    sockets.add(upstream);
    upstream.on('error', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    logins,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
