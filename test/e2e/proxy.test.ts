import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folder, kload, startEmulator } from '../support/kload.js';
import { proxyTo } from '../support/proxy.js';

const RECORDS = 50;
const COMMANDS = [
  ['a run', ['run', '--count', String(RECORDS), '--stream', 's', '--quiet']],
  ['a tail', ['tail', 's', '--no-follow', '--quiet']],
  ['a pushed tail', ['tail', 's', '--from', 'trim-horizon', '--count', '5', '--fan-out', '--quiet']],
  ['a recording', ['record', 's', '--no-follow', '--quiet', '--output']],
] as const;

const dir = folder();
let emulator: Awaited<ReturnType<typeof startEmulator>>;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  emulator = await startEmulator('--stream', 's:2');
  const ca = await fetch(`${emulator.endpoint}/_kload/ca.pem`);
  writeFileSync(dir.path('ca.pem'), await ca.text());
  env = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_CA_BUNDLE: dir.path('ca.pem'),
  };
  const filled = ['run', '--count', '50', '--stream', 's', '--quiet', '--endpoint-url', emulator.endpoint];
  expect(await kload(filled, undefined, env)).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await emulator[Symbol.asyncDispose]();
  dir[Symbol.dispose]();
});

let outputs = 0;
const argsOf = (args: readonly string[]) =>
  args.at(-1) === '--output' ? [...args, dir.path(`out${outputs++}`)] : args;

function throughProxy(_: string, args: readonly string[]): void {
  it('reaches AWS itself, by its names', async () => {
    await using proxy = await proxyTo(emulator.endpoint);
    const url = proxy.url.replace('//', '//me:pass%20word@');
    const { code, stderr } = await kload([...argsOf(args)], undefined, { ...env, HTTPS_PROXY: url });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(proxy.asked[0]).toBe('kinesis.us-east-1.amazonaws.com:443');
    for (const host of proxy.asked) expect(host).toMatch(/(^|^\d{12}\.\w+-)kinesis\.us-east-1\.amazonaws\.com:443$/);
    expect(new Set(proxy.logins)).toEqual(new Set([`Basic ${Buffer.from('me:pass word').toString('base64')}`]));
  });

  it('reaches FIPS endpoints', { tags: 'long' }, async () => {
    await using proxy = await proxyTo(emulator.endpoint);
    const more = { HTTPS_PROXY: proxy.url, AWS_USE_FIPS_ENDPOINT: 'true' };
    expect(await kload([...argsOf(args)], undefined, { ...env, ...more })).toMatchObject({ code: 0, stderr: '' });
    expect(proxy.asked[0]).toBe('kinesis-fips.us-east-1.amazonaws.com:443');
    for (const host of proxy.asked) expect(host).toMatch(/kinesis-fips\.us-east-1\.amazonaws\.com:443$/);
  });

  it('reaches an endpoint without TLS, and goes past the proxy where NO_PROXY says so', async () => {
    await using proxy = await proxyTo(emulator.endpoint);
    const more = { http_proxy: proxy.url, AWS_ENDPOINT_URL: emulator.endpoint };
    expect(await kload([...argsOf(args)], undefined, { ...env, ...more })).toMatchObject({ code: 0, stderr: '' });
    expect(new Set(proxy.asked)).toEqual(new Set([new URL(emulator.endpoint).host]));
    proxy.asked.length = 0;
    const direct = { ...env, ...more, NO_PROXY: '127.0.0.1' };
    expect(await kload([...argsOf(args)], undefined, direct)).toMatchObject({ code: 0, stderr: '' });
    expect(proxy.asked).toEqual([]);
  });

  it('says what is wrong with the proxy', { tags: 'long' }, async () => {
    await using proxy = await proxyTo(emulator.endpoint, '407 Proxy Authentication Required');
    for (const [url, exit, says] of [
      [
        proxy.url,
        4,
        /^kload: the proxy 127.0.0.1:\d+ refused to connect to kinesis\.us-east-1\.amazonaws\.com:443: 407 Pr/,
      ],
      [
        'http://127.0.0.1:1',
        4,
        /^kload: the proxy 127.0.0.1:1 cannot be reached \(ECONNREFUSED\)\n +check HTTPS_PROXY/,
      ],
      ['socks5://127.0.0.1:1', 2, /^kload: HTTPS_PROXY takes the URL of an HTTP proxy/],
    ] as const) {
      const { code, stderr } = await kload([...argsOf(args)], undefined, { ...env, HTTPS_PROXY: url });
      expect(stderr).toMatch(says);
      expect(code).toBe(exit);
    }
  });
}

describe.each(COMMANDS.slice(0, 1))('%s through a proxy', throughProxy);
describe.each(COMMANDS.slice(1))('%s through a proxy', { tags: 'long' }, throughProxy);

it('the embedded emulator is reached without a proxy', async () => {
  const proxies = { HTTP_PROXY: 'http://127.0.0.1:1', HTTPS_PROXY: 'http://127.0.0.1:1' };
  expect(await kload(['run', '--count', '10', '--quiet'], undefined, proxies)).toMatchObject({ code: 0, stderr: '' });
});
