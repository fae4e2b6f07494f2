import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DoorRequest, doorTo } from '../support/door.js';
import { folder, kload, ledgerOf, readReport, startEmulator } from '../support/kload.js';

const RECORDS = 500;
const HOUR_MS = 3_600_000;
const SKEW_ALLOWED_MS = 300_000;

let emulator: Awaited<ReturnType<typeof startEmulator>>;

beforeAll(async () => {
  emulator = await startEmulator('--stream', 's:2', '--limits', 'off');
  const target = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
  expect(await kload(['run', '--count', String(RECORDS), '--quiet', ...target])).toMatchObject({ code: 0 });
});

afterAll(() => emulator[Symbol.asyncDispose]());

const targetOf = (endpoint: string) => ['--region', 'us-east-1', '--endpoint-url', endpoint];

async function passOn(request: DoorRequest, response: ServerResponse, headers: Record<string, string> = {}) {
  const { status, contentType, body } = await request.pass();
  response.writeHead(status, { 'content-type': contentType, ...headers }).end(body);
}

function refuse(response: ServerResponse, code: string, message: string, headers: Record<string, string> = {}) {
  response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1', ...headers });
  response.end(JSON.stringify({ __type: code, message }));
}

describe('keys that a helper renews in the credentials file', () => {
  const keyNumber = ({ headers }: DoorRequest) =>
    Number(/Credential=KEY(\d+)\//.exec(headers.authorization ?? '')?.[1]);

  /** Every so many requests the keys expire; there are new ones in the file by then. */
  async function expiringDoor(file: string, requestsPerKey: number) {
    let current = 0;
    let taken = requestsPerKey;
    const renew = () => {
      taken = 0;
      current++;
      // Tokens of different lengths: the head of a request grows with them.
      const token = 't'.repeat(current * 300);
      const keys = `aws_access_key_id = KEY${current}\naws_secret_access_key = secret${current}\n`;
      writeFileSync(file, `[one]\n${keys}aws_session_token = ${token}\n`);
    };
    renew();
    const used = new Set<number>();
    const door = await doorTo(emulator.endpoint, async (request, response) => {
      if (taken >= requestsPerKey) renew();
      if (keyNumber(request) !== current) {
        return refuse(response, 'ExpiredTokenException', 'The security token included in the request is expired');
      }
      taken++;
      used.add(current);
      await passOn(request, response);
    });
    return { ...door, used };
  }

  it('are read again by a run, which loses and doubles nothing', async () => {
    using dir = folder();
    await using door = await expiringDoor(dir.path('credentials'), 25);
    const env = { AWS_SHARED_CREDENTIALS_FILE: dir.path('credentials'), AWS_PROFILE: 'one' };
    const run = ['run', '--count', '2000', '--batch-size', '10', '--max-in-flight', '8', '--stream', 's', '--quiet'];
    const args = [...run, '--report', dir.path('r.json'), ...targetOf(door.endpoint)];
    expect(await kload(args, undefined, env)).toMatchObject({ code: 0, stderr: '' });
    const report = readReport(dir.path('r.json'));
    expect(ledgerOf(report)).toMatchObject({ sent: 2_000, failed: 0, maybeDuplicated: 0 });
    expect(door.used.size).toBeGreaterThan(3);
  });

  it.each(['tail', 'record'])('are read again by a %s', { tags: 'long' }, async (command) => {
    using dir = folder();
    await using door = await expiringDoor(dir.path('credentials'), 2);
    const env = { AWS_SHARED_CREDENTIALS_FILE: dir.path('credentials'), AWS_PROFILE: 'one' };
    const out = command === 'record' ? ['--output', dir.path('out')] : [];
    const args = [
      command,
      's',
      '--from',
      'trim-horizon',
      '--count',
      String(RECORDS),
      ...out,
      ...targetOf(door.endpoint),
    ];
    const { code, stderr } = await kload(args, undefined, env);
    expect(stderr).not.toContain('Expired');
    expect(code, stderr).toBe(0);
    expect(door.used.size).toBeGreaterThan(2);
  });

  it('and stay expired end the run with a line', async () => {
    await using door = await doorTo(emulator.endpoint, async (_, response) =>
      refuse(response, 'ExpiredTokenException', 'The security token included in the request is expired'),
    );
    const { code, stderr } = await kload(['run', '--count', '10', '--stream', 's', ...targetOf(door.endpoint)]);
    expect(stderr).toMatch(/^kload: .* refused: ExpiredTokenException: The security token .* is expired\n +renew/m);
    expect(code).toBe(4);
  });
});

describe('a clock that is off', () => {
  /** A service whose clock is ahead of this machine's. */
  const doorAhead = (offMs: number) =>
    doorTo(emulator.endpoint, async (request, response) => {
      const nowMs = Date.now() + offMs;
      const [, year, month, day, hour, minute, second] =
        /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(request.headers['x-amz-date'])) ?? [];
      const signedMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
      const date = { date: new Date(nowMs).toUTCString() };
      if (Math.abs(signedMs - nowMs) < SKEW_ALLOWED_MS) return passOn(request, response, date);
      refuse(response, 'InvalidSignatureException', 'Signature expired: it is too late', date);
    });

  const COMMANDS = [
    ['run', ['run', '--count', '10', '--stream', 's']],
    ['tail', ['tail', 's', '--no-follow']],
    ['record', ['record', 's', '--no-follow']],
  ] as const;

  const corrects = async (_: string, args: readonly string[]) => {
    for (const [offMs, side] of [
      [HOUR_MS, 'behind'],
      [-HOUR_MS, 'ahead of'],
    ] as const) {
      using dir = folder();
      await using door = await doorAhead(offMs);
      const output = args[0] === 'record' ? ['--output', dir.path('out')] : [];
      const { code, stderr } = await kload([...args, ...output, ...targetOf(door.endpoint)]);
      expect(stderr).toMatch(new RegExp(`: this machine's clock is (1h 00m|59m 5\\ds) ${side} the service's: `));
      expect(code, stderr).toBe(0);
    }
  };
  it.each(COMMANDS.slice(0, 1))('is corrected by a %s, which says so', corrects);
  it.each(COMMANDS.slice(1))('is corrected by a %s, which says so', { tags: 'long' }, corrects);

  it.each(COMMANDS)(
    'and may not be corrected ends a %s with a line that names it',
    { tags: 'long' },
    async (_, args) => {
      using dir = folder();
      await using door = await doorAhead(HOUR_MS);
      const env = { AWS_DISABLE_CLOCK_SKEW_CORRECTION: 'true' };
      const output = args[0] === 'record' ? ['--output', dir.path('out')] : [];
      const { code, stderr } = await kload([...args, ...output, ...targetOf(door.endpoint)], undefined, env);
      expect(stderr).toMatch(
        / refused: InvalidSignatureException: Signature expired.*\n +this machine's clock is .* behind/,
      );
      expect(code).toBe(4);
    },
  );
});
