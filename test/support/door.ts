import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that the proxy intercepted. */
export interface DoorRequest {
  /** For example 'PutRecords'. */
  readonly operation: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Forwards the request to the emulator. */
  pass(): Promise<{ readonly status: number; readonly contentType: string; readonly body: Buffer }>;
}

/** Starts a proxy in front of an emulator. `respond` decides how to respond to each request. */
export async function doorTo(
  emulator: string,
  respond: (request: DoorRequest, response: ServerResponse) => Promise<void>,
): Promise<{ readonly endpoint: string; [Symbol.asyncDispose](): Promise<void> }> {
  const server = createServer(async (incoming, response) => {
    const { headers } = incoming;
    const body = Buffer.concat((await incoming.toArray()) as Buffer[]);
    const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
    const pass = async () => {
      const names = ['content-type', 'x-amz-target', 'x-amz-date', 'authorization'];
      const passed = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
      const got = await fetch(emulator, { method: 'POST', headers: passed, body });
      const contentType = got.headers.get('content-type') ?? '';
      return { status: got.status, contentType, body: Buffer.from(await got.arrayBuffer()) };
    };
    await respond({ operation, headers, body, pass }, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Forwards the request and responds with the emulator's response. */
export async function passOn(request: DoorRequest, response: ServerResponse): Promise<void> {
  const { status, contentType, body } = await request.pass();
  response.writeHead(status, { 'content-type': contentType }).end(body);
}
