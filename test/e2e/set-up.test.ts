import { expect, it } from 'vitest';
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
