import { expect, it } from 'vitest';
import { planEmulator } from '../../src/config/emulate-plan.js';

it('listens on this machine only, with limits, by default', () => {
  expect(planEmulator({}, {})).toMatchObject({
    server: { port: 4566, host: '127.0.0.1', streams: [], faults: [], log: { level: 'info', format: 'text' } },
    limits: true,
    tlsFiles: undefined,
    printCa: false,
  });
  const env = { KLOAD_PORT: '0', KLOAD_HOST: '0.0.0.0', KLOAD_LIMITS: 'off', KLOAD_LOG_LEVEL: 'debug' };
  expect(planEmulator({}, env)).toMatchObject({
    server: { port: 0, host: '0.0.0.0', log: { level: 'debug' } },
    limits: false,
  });
});

it('takes where and how to keep data', () => {
  const given = { dataDir: 'data', sync: 'always', maxMemory: '64MiB' };
  const storage = { dataDir: 'data', sync: 'always', memoryMaxBytes: 64 * 1024 ** 2 };
  expect(planEmulator(given, {}).server).toMatchObject(storage);
  expect(() => planEmulator({ maxMemory: '1MiB' }, {})).toThrow('--max-memory takes at least 16MiB');
  expect(() => planEmulator({ sync: 'never' }, {})).toThrow("--sync takes os, always, not 'never'");
});

it('creates the named streams, with one shard if no number is given', () => {
  const { server } = planEmulator({ stream: ['orders', 'a.b_c-1:4', 'clicks:on-demand'] }, {});
  expect(server.streams).toEqual([
    { name: 'orders', shards: 1 },
    { name: 'a.b_c-1', shards: 4 },
    { name: 'clicks', mode: 'ON_DEMAND' },
  ]);
});

it.each(['', ':4', 'orders:', 'orders:0', 'orders:x', 'orders:1:2', 'my stream', 'x'.repeat(129)])(
  'refuses %j as a stream, with an example',
  (stream) => {
    expect(() => planEmulator({ stream: [stream] }, {})).toThrow(`such as orders:4, not '${stream}'`);
  },
);

it.each([
  ['on', true],
  ['off', false],
  ['10x', 10],
  ['1e1x', 10],
  ['0.5x', 0.5],
  ['limits.json', { file: 'limits.json' }],
  ['./my/limits', { file: './my/limits' }],
])('takes the limits %s', (given, limits) => {
  expect(planEmulator({ limits: given }, {}).limits).toEqual(limits);
});

it.each(['', '0x', '1e400x', 'x', '-1x', '10', 'yes'])('refuses %j as limits', (limits) => {
  expect(() => planEmulator({ limits }, {})).toThrow(`--limits takes on, off, 10x or a .json file, not '${limits}'`);
});

it('takes a region that signatures can contain', () => {
  expect(planEmulator({ region: 'us-gov-west-1' }, {}).server.region).toBe('us-gov-west-1');
  expect(() => planEmulator({ region: 'Nowhere!' }, {})).toThrow(
    "--region takes the name of a region such as us-east-1, not 'Nowhere!'",
  );
});

it('needs certificate and key together, and an account ID of twelve digits', () => {
  expect(planEmulator({ tlsCert: 'a.pem', tlsKey: 'b.pem' }, {}).tlsFiles).toEqual({ cert: 'a.pem', key: 'b.pem' });
  expect(() => planEmulator({ tlsKey: 'b.pem' }, {})).toThrow('must be used together');
  expect(() => planEmulator({ account: '12' }, {})).toThrow("--account takes a twelve-digit account ID, not '12'");
});

it('takes the access key from the flag or the environment, and prints no secret', () => {
  const verifySignatures = { accessKeyId: 'AKID', secretAccessKey: 's/e+c:ret=' };
  const given = { verifySignatures: 'AKID:s/e+c:ret=' };
  expect(planEmulator(given, {}).server).toMatchObject({ verifySignatures });
  expect(planEmulator({}, { KLOAD_VERIFY_SIGNATURES: 'AKID:s/e+c:ret=' }).server).toMatchObject({ verifySignatures });
  expect(planEmulator({}, {}).server).not.toHaveProperty('verifySignatures');
  const wrong = 'takes an access key ID and its secret, such as AKIDEXAMPLE:secret';
  for (const text of ['', ':secret', 'AKID:', 'secret', 'AKID: secret']) {
    const refused = expect(() => planEmulator({ verifySignatures: text }, {}));
    refused.toThrow(new RegExp(`^--verify-signatures ${wrong}$`));
  }
  expect(() => planEmulator({}, { KLOAD_VERIFY_SIGNATURES: 'x' })).toThrow(`KLOAD_VERIFY_SIGNATURES ${wrong}`);
});

it('takes origins as browsers send them, and names without a port', () => {
  const allowOrigin = ['HTTPS://App.example.com:443/', 'http://app:3000', 'chrome-extension://abc', 'null', '*'];
  const { server } = planEmulator({ allowOrigin, allowHost: ['kload'] }, {});
  expect(server.allowOrigins).toEqual([
    'https://app.example.com',
    'http://app:3000',
    'chrome-extension://abc',
    'null',
    '*',
  ]);
  expect(server.allowHosts).toEqual(['kload']);
  expect(planEmulator({}, {}).server).toMatchObject({ allowOrigins: [], allowHosts: [] });
});

it.each(['', 'app.example.com', 'https://', 'https://a b', 'https://app.example.com/path', 'http://a?b'])(
  'refuses %j as an origin',
  (origin) => {
    expect(() => planEmulator({ allowOrigin: [origin] }, {})).toThrow(
      `--allow-origin takes an origin such as https://app.example.com, not '${origin}'`,
    );
  },
);

it.each(['', 'kload:4566', 'http://kload', 'a b'])('refuses %j as a name', (name) => {
  expect(() => planEmulator({ allowHost: [name] }, {})).toThrow(
    `--allow-host takes a name such as kload.example.com, without a port, not '${name}'`,
  );
});
