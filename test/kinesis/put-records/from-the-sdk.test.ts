import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { KinesisConnection } from '../../../src/kinesis/client/client.js';
import { KinesisTarget } from '../../../src/kinesis/target.js';
import { folder } from '../../support/kload.js';
import { type Asked, answerOf, BATCH, BODY, connectionTo, oddServer, serviceWith } from './support/odd-server.js';

const HOUR_MS = 3_600_000;

function targetAt(endpoint: string, more: Partial<KinesisConnection> = {}): KinesisTarget {
  const target = new KinesisTarget(connectionTo(endpoint, more), 'json');
  onTestFinished(() => target.close());
  return target;
}

function setEnv(env: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

describe('the clock', () => {
  it.each([
    [HOUR_MS, 'InvalidSignatureException'],
    [-HOUR_MS, 'RequestTimeTooSkewed'],
    [HOUR_MS, 'RequestExpired'],
    [-HOUR_MS, 'SignatureDoesNotMatch'],
  ])('of a service that is %i ms ahead (%s) is kept to from its first answer', async (offMs, code) => {
    await using server = await oddServer(serviceWith(offMs, code));
    const target = targetAt(server.endpoint);
    let offered = 0;
    for (let n = 0; n < 3; n++) expect((await target.send(BATCH, () => offered++)).refusal).toBeUndefined();
    expect(server.asked).toHaveLength(4);
    expect(offered).toBe(3);
  });

  it('is found by the warm-up, before any record is sent', async () => {
    await using server = await oddServer(serviceWith(HOUR_MS, 'InvalidSignatureException'));
    const target = targetAt(server.endpoint);
    await target.warmUp();
    const before = server.asked.length;
    expect((await target.send(BATCH, () => {})).refusal).toBeUndefined();
    expect(server.asked).toHaveLength(before + 1);
  });

  it('is not to blame for a wrong key', async () => {
    await using server = await oddServer(({ socket }) => {
      const refused = JSON.stringify({ __type: 'InvalidSignatureException', message: 'no match' });
      socket.write(answerOf(refused, '400 Bad Request', `Date: ${new Date().toUTCString()}`));
    });
    const { refusal } = await targetAt(server.endpoint).send(BATCH, () => {});
    expect(refusal).toMatchObject({ kind: 'fatal', code: 'InvalidSignatureException' });
    expect(server.asked).toHaveLength(1);
  });
});

describe('credentials', () => {
  /** A profile whose credentials come from a program: another key, with another token, each time that it is asked. */
  function profileOf(dir: ReturnType<typeof folder>, name: string, validMs: number): void {
    const program = dir.path('credentials.mjs');
    writeFileSync(
      program,
      [
        "import { appendFileSync, readFileSync } from 'node:fs';",
        `const file = ${JSON.stringify(dir.path('ends'))};`,
        `const ends = Date.now() + ${validMs};`,
        "appendFileSync(file, ends + '\\n');",
        "const number = readFileSync(file, 'utf8').split('\\n').length - 1;",
        'const Expiration = new Date(ends).toISOString();',
        "const keys = { AccessKeyId: 'AKID' + number, SecretAccessKey: 'secret' + number, SessionToken: 'token' + number };",
        'console.log(JSON.stringify({ Version: 1, ...keys, Expiration }));',
      ].join('\n'),
    );
    writeFileSync(dir.path('config'), `[profile ${name}]\ncredential_process = ${process.execPath} ${program}\n`);
    setEnv({ AWS_CONFIG_FILE: dir.path('config'), AWS_SHARED_CREDENTIALS_FILE: dir.path('none') });
  }

  const keyOf = ({ headers }: Asked) => /Credential=AKID(\d+)\//.exec(headers.get('authorization')!)?.[1];
  const tokenOf = ({ headers }: Asked) => /^token(\d+)$/.exec(headers.get('x-amz-security-token')!)?.[1];

  it('that are about to expire are taken anew, with their token', async () => {
    using dir = folder();
    // The SDK takes new ones five minutes before the end of the old, and by the old's end waits for them.
    profileOf(dir, 'short', 1_500);
    const arrivedMs: number[] = [];
    await using server = await oddServer(({ socket }) => {
      arrivedMs.push(Date.now());
      socket.write(answerOf(BODY));
    });
    const target = targetAt(server.endpoint, { profile: 'short', credentials: undefined });
    while (new Set(server.asked.map(keyOf)).size < 4) {
      expect((await target.send(BATCH, () => {})).refusal).toBeUndefined();
    }
    expect(server.asked.map(tokenOf)).toEqual(server.asked.map(keyOf));
    const ends = readFileSync(dir.path('ends'), 'utf8').split('\n').map(Number);
    for (const [index, asked] of server.asked.entries()) {
      expect(arrivedMs[index]).toBeLessThan(ends[Number(keyOf(asked)) - 1]!);
    }
  });

  it('that last are asked for once', async () => {
    using dir = folder();
    // Of its own name: the target of another test may still be about to take new ones.
    profileOf(dir, 'long', HOUR_MS);
    await using server = await oddServer(({ socket }) => socket.write(answerOf(BODY)));
    const target = targetAt(server.endpoint, { profile: 'long', credentials: undefined });
    for (let n = 0; n < 3; n++) expect((await target.send(BATCH, () => {})).refusal).toBeUndefined();
    expect(server.asked.map(keyOf)).toEqual(['1', '1', '1']);
  });

  it('that there are none of end the run', async () => {
    setEnv({ AWS_CONFIG_FILE: '/nonexistent', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent' });
    await using server = await oddServer(({ socket }) => socket.write(answerOf(BODY)));
    const target = targetAt(server.endpoint, { profile: 'none', credentials: undefined });
    let offered = 0;
    const { refusal } = await target.send(BATCH, () => offered++);
    expect(refusal).toMatchObject({ kind: 'fatal', code: 'CredentialsProviderError' });
    expect(offered).toBe(0);
    expect(server.asked).toHaveLength(0);
  });
});
