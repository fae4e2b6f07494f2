import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came to the door. */
export interface DoorRequest {
  /** 'PutRecords' and the like. */
  readonly operation: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Hands it to the emulator. */
  pass(): Promise<{ readonly status: number; readonly contentType: string; readonly body: Buffer }>;
}

/** A proxy in front of an emulator, which answers as the test wants. */
export async function doorTo(
  emulator: string,
  answer: (request: DoorRequest, response: ServerResponse) => Promise<void>,
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
    await answer({ operation, headers, body, pass }, response);
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

/** Answers as the emulator does. */
export async function passOn(request: DoorRequest, response: ServerResponse): Promise<void> {
  const { status, contentType, body } = await request.pass();
  response.writeHead(status, { 'content-type': contentType }).end(body);
}
