import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type DoorRequest, doorTo, passOn } from '../support/door.js';
import { kload, startEmulator } from '../support/kload.js';

/** Fails each operation of the set-up once, before it reaches the emulator. */
function grudgingDoor(emulator: string) {
  const failed = new Set<string>();
  return doorTo(emulator, async (request: DoorRequest, response) => {
    if (request.operation === 'PutRecords' || failed.has(request.operation)) return passOn(request, response);
    failed.add(request.operation);
    response.writeHead(503).end('<html>Service Unavailable</html>');
  });
}

it.each([
  ['run', ['run', '--count', '10', '--stream', 's']],
  ['tail', ['tail', 's', '--no-follow']],
])('a %s outlasts a failure of each call that it begins with, and says what it waits for', async (name, args) => {
  await using emulator = await startEmulator('--stream', 's:2');
  await using door = await grudgingDoor(emulator.endpoint);
  const target = ['--region', 'us-east-1', '--endpoint-url', door.endpoint];
  const { code, stderr } = await kload([...args, ...target]);
  expect(code, stderr).toBe(0);
  const who = name === 'run' ? 'kload' : 'kload tail';
  for (const operation of ['DescribeStreamSummary', 'ListShards']) {
    expect(stderr).toMatch(new RegExp(`^${who}: ${operation}: HTTP 503: .*; trying again for up to 30s$`, 'm'));
  }
});

it('a run on a stream that stays CREATING ends with a line', async () => {
  await using emulator = await startEmulator('--stream', 's:2');
  await using door = await doorTo(emulator.endpoint, async (request, response) => {
    const { status, contentType, body } = await request.pass();
    const text = body.toString('latin1').replace('ACTIVE', 'CREATING');
    response.writeHead(status, { 'content-type': contentType }).end(Buffer.from(text, 'latin1'));
  });
  const target = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', door.endpoint, '--target-timeout', '1s'];
  const { code, stderr } = await kload(['run', '--count', '10', ...target]);
  expect({ code, stderr }).toEqual({
    code: 4,
    stderr: [
      "kload: stream 's' is CREATING; waiting up to 1s for ACTIVE\n",
      "kload: stream 's' is still CREATING after 1s\n",
      '       try again when it is ACTIVE, or wait longer with --target-timeout\n',
    ].join(''),
  });
});

/**
 * A server whose process is stopped: the system completes so many connections for it, and drops what comes after.
 *
 * @param connections taken before
 */
async function blackHole(connections: number, backlog: number) {
  const script = `const server = require('net').createServer(() => {});
    server.listen({ port: 0, host: '127.0.0.1', backlog: ${backlog} }, () => console.log(String(server.address().port)));`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  const sockets = Array.from({ length: connections }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return {
    address: `127.0.0.1:${Number(port)}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

function isNamed({ taken, backlog }: { taken: number; backlog: number }): void {
  it.each([
    ['run', ['run', '--count', '10', '--stream', 's']],
    ['tail', ['tail', 's', '--no-follow']],
  ])('is named by a %s while it waits, and at the end', async (name, args) => {
    await using hole = await blackHole(taken, backlog);
    const endpoint = `http://${hole.address}`;
    const target = ['--region', 'us-east-1', '--endpoint-url', endpoint, '--target-timeout', '2s'];
    const { code, stderr } = await kload([...args, ...target]);
    expect(code).toBe(4);
    const [waiting, ...end] = stderr.split('\n');
    const who = name === 'run' ? 'kload' : 'kload tail';
    const where = `${endpoint} (region us-east-1)`;
    expect(waiting).toBe(`${who}: DescribeStreamSummary: no response from ${where} yet; waiting up to 2s`);
    expect(end.join('\n')).toMatch(
      /^kload: http:\S+ \(region us-east-1\) does not respond \(\w+\)\n {7}kload tried for 2s, as --target-timeout says; /,
    );
  });

  it('is named by a run to Kafka', { tags: 'long' }, async () => {
    await using hole = await blackHole(taken, backlog);
    const args = ['run', '--count', '10', '--brokers', hole.address, '--topic', 'orders', '--target-timeout', '2s'];
    const { code, stderr } = await kload(args);
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /^kload: topic 'orders': no response from 127\.0\.0\.1:\d+ yet; waiting up to 2s for each request\nkload: 127\.0\.0\.1:\d+ does not respond\n/,
    );
  });
}

describe('a target that accepts connections and never responds', () => isNamed({ taken: 0, backlog: 100 }));
describe('a target that drops what asks for a connection', { tags: 'long' }, () => isNamed({ taken: 2, backlog: 1 }));
