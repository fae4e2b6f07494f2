import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { KinesisConnection } from '../../../src/kinesis/client/client.js';
import { KinesisTarget } from '../../../src/kinesis/target.js';
import { folder } from '../../support/kload.js';
import {
  BATCH,
  BODY,
  connectionTo,
  oddServer,
  type ReceivedRequest,
  responseOf,
  serviceWith,
} from '../support/odd-server.js';

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
  ])('of a service that is %i ms ahead (%s) is used from its first response on', async (offMs, code) => {
    await using server = await oddServer(serviceWith(offMs, code));
    const target = targetAt(server.endpoint);
    let offered = 0;
    for (let n = 0; n < 3; n++) expect((await target.send(BATCH, () => offered++)).refusal).toBeUndefined();
    expect(server.requests).toHaveLength(4);
    expect(offered).toBe(3);
  });

  it('is found by the warm-up, before any record is sent', async () => {
    await using server = await oddServer(serviceWith(HOUR_MS, 'InvalidSignatureException'));
    const target = targetAt(server.endpoint);
    await target.warmUp();
    const before = server.requests.length;
    expect((await target.send(BATCH, () => {})).refusal).toBeUndefined();
    expect(server.requests).toHaveLength(before + 1);
  });

  it('is not to blame for a wrong key', async () => {
    await using server = await oddServer(({ socket }) => {
      const refused = JSON.stringify({ __type: 'InvalidSignatureException', message: 'no match' });
      socket.write(responseOf(refused, '400 Bad Request', `Date: ${new Date().toUTCString()}`));
    });
    const { refusal } = await targetAt(server.endpoint).send(BATCH, () => {});
    expect(refusal).toMatchObject({ kind: 'fatal', code: 'InvalidSignatureException' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('credentials', () => {
  /** Writes a profile whose credentials come from a program, which makes a new key and token each time it runs. */
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
        "const keys = { AccessKeyId: 'AKID' + number, SecretAccessKey: 'secret' + number };",
        "console.log(JSON.stringify({ Version: 1, ...keys, SessionToken: 'token' + number, Expiration }));",
      ].join('\n'),
    );
    writeFileSync(dir.path('config'), `[profile ${name}]\ncredential_process = ${process.execPath} ${program}\n`);
    setEnv({ AWS_CONFIG_FILE: dir.path('config'), AWS_SHARED_CREDENTIALS_FILE: dir.path('none') });
  }

  const keyOf = ({ headers }: ReceivedRequest) => /Credential=AKID(\d+)\//.exec(headers.get('authorization')!)?.[1];
  const tokenOf = ({ headers }: ReceivedRequest) => /^token(\d+)$/.exec(headers.get('x-amz-security-token')!)?.[1];

  it('that are about to expire are renewed, with their token', async () => {
    using dir = folder();
    // The SDK renews credentials five minutes before they expire. Once they have expired, it waits for the new ones.
    profileOf(dir, 'short', 1_500);
    const arrivedMs: number[] = [];
    await using server = await oddServer(({ socket }) => {
      arrivedMs.push(Date.now());
      socket.write(responseOf(BODY));
    });
    const target = targetAt(server.endpoint, { profile: 'short', credentials: undefined });
    while (new Set(server.requests.map(keyOf)).size < 4) {
      expect((await target.send(BATCH, () => {})).refusal).toBeUndefined();
    }
    expect(server.requests.map(tokenOf)).toEqual(server.requests.map(keyOf));
    const ends = readFileSync(dir.path('ends'), 'utf8').split('\n').map(Number);
    for (const [index, request] of server.requests.entries()) {
      expect(arrivedMs[index]).toBeLessThan(ends[Number(keyOf(request)) - 1]!);
    }
  });

  it('that last are fetched once', async () => {
    using dir = folder();
    // A profile name of its own, because the target of another test may still be renewing credentials.
    profileOf(dir, 'long', HOUR_MS);
    await using server = await oddServer(({ socket }) => socket.write(responseOf(BODY)));
    const target = targetAt(server.endpoint, { profile: 'long', credentials: undefined });
    for (let n = 0; n < 3; n++) expect((await target.send(BATCH, () => {})).refusal).toBeUndefined();
    expect(server.requests.map(keyOf)).toEqual(['1', '1', '1']);
  });

  it('that are missing end the run', async () => {
    setEnv({ AWS_CONFIG_FILE: '/nonexistent', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent' });
    await using server = await oddServer(({ socket }) => socket.write(responseOf(BODY)));
    const target = targetAt(server.endpoint, { profile: 'none', credentials: undefined });
    let offered = 0;
    const { refusal } = await target.send(BATCH, () => offered++);
    expect(refusal).toMatchObject({ kind: 'fatal', code: 'CredentialsProviderError' });
    expect(offered).toBe(0);
    expect(server.requests).toHaveLength(0);
  });
});
