import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clientOf, emulatorFor } from '../emulator/support.js';
import { type Ended, folder, kload } from '../support/kload.js';

/** Sets the title, clears the screen by one byte of Latin-1, turns text round, and begins a line of kload's own. */
const EVIL = '\u001b]0;title\u0007\u009b2J\u202e\nkload: forged';
const SHOWN = '\\u001b]0;title\\u0007\\u009b2J\\u202e\\nkload: forged';

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };

/** It was printed, as it may be. */
function expectShown(ended: Ended, shown = SHOWN): void {
  expect(ended.stdout + ended.stderr).toContain(shown);
  expectClean(ended);
}

function expectClean({ stdout, stderr }: Ended): void {
  const printed = stdout + stderr;
  expect(printed.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(printed).not.toMatch(/^kload: forged/m);
}

describe('nothing that a terminal obeys is printed of', () => {
  test('a name of a file that is missing', async () => {
    expectShown(await kload(['run', `${EVIL}.csv`, '--target', 'null']));
  });

  test('a name of a file with a bad record, in the message and in the summary', async () => {
    using files = folder();
    const file = files.path(`${EVIL}.csv`);
    writeFileSync(file, 'a,b\n1,2\n3,4,5\n');
    expectShown(await kload(['run', file, '--target', 'null']));
    expectShown(await kload(['run', file, '--target', 'null', '--on-bad-record', 'skip']));
    const checkpoint = files.path(`${EVIL}.checkpoint`);
    writeFileSync(files.path('good.csv'), 'a,b\n1,2\n');
    expectShown(await kload(['run', files.path('good.csv'), '--target', 'null', '--checkpoint', checkpoint]));
  });

  test('a column', async () => {
    using files = folder();
    writeFileSync(files.path('a.csv'), `k,"${EVIL}"\n1,"x"y\n`);
    expectShown(await kload(['run', files.path('a.csv'), '--target', 'null']));
  });

  test.each([[['run', `--${EVIL}`]], [['run', '--rps', EVIL]], [[EVIL]], [['emulate', '--stream', EVIL]]])(
    'an argument: %j',
    async (args) => expectShown(await kload(args)),
  );

  test('a variable', async () => {
    expectShown(await kload(['run', '--target', 'null'], undefined, { KLOAD_RPS: EVIL }));
    expectShown(await kload(['emulate', '--port', '0'], undefined, { KLOAD_LOG_LEVEL: EVIL }));
    const profile = await kload(['tail', 's', '--no-follow'], undefined, {
      AWS_REGION: 'us-east-1',
      AWS_PROFILE: EVIL,
    });
    expectClean(profile);
  });

  test('a response of the target', async () => {
    const server = createServer((_, response) => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ __type: 'AccessDeniedException', message: EVIL }));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const command of [
      ['run', '--stream', 's'],
      ['tail', 's'],
    ]) {
      expectShown(await kload([...command, '--endpoint-url', endpoint], undefined, CREDENTIALS), '\\u001b');
    }
  });

  test('a key and data of a stream', async () => {
    const emulator = await emulatorFor({ streams: [{ name: 's', shards: 1 }] });
    const record = { StreamName: 's', PartitionKey: EVIL, Data: Buffer.from(EVIL) };
    await clientOf(emulator).send(new PutRecordCommand(record));
    const args = ['tail', 's', '--no-follow', '--from', 'trim-horizon', '--endpoint-url', emulator.endpoint];
    expectShown(await kload(args, undefined, CREDENTIALS));
  });
});
