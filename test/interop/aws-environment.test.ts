import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { doorTo } from '../support/door.js';
import { folder, kload, startEmulator } from '../support/kload.js';
import { proxyTo } from '../support/proxy.js';
import { awsCli } from './support/tools.js';

/** The AWS CLI and kload with the same settings: who signs, for which region, and by which way. */

const KEYS = { AWS_ACCESS_KEY_ID: 'ENV', AWS_SECRET_ACCESS_KEY: 'secret' };
const profile = (name: string, id: string, more = '') =>
  `[${name}]\naws_access_key_id = ${id}\naws_secret_access_key = secret\n${more}`;
const CREDENTIALS = profile('default', 'DEFAULT') + profile('one', 'ONE') + profile('two', 'TWO');
const AT_DOOR = { AWS_ENDPOINT_URL: 'DOOR', AWS_DEFAULT_REGION: 'eu-west-1' };
const SERVICES =
  '[default]\nservices = s\nendpoint_url = http://127.0.0.1:1\n[services s]\nkinesis =\n  endpoint_url = DOOR\n';

let door: Awaited<ReturnType<typeof doorTo>>;
let signer = '';

beforeAll(async () => {
  door = await doorTo('http://unused', async ({ headers }, response) => {
    const [, key, region] = /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
    signer = `${key} in ${region}`;
    // Both end with the first response.
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ __type: 'AccessDeniedException', message: 'seen' }));
  });
});

afterAll(() => door[Symbol.asyncDispose]());

async function cli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const command = ['kinesis', 'describe-stream-summary', '--stream-name', 's', ...args];
  const all = { PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...env };
  const { stderr } = await promisify(execFile)(awsCli(), command, { env: all }).catch((error) => error);
  return stderr;
}

const tail = async (args: readonly string[], env: NodeJS.ProcessEnv) =>
  (await kload(['tail', 's', '--no-follow', ...args], undefined, env)).stderr;

it.each<[string, string[], NodeJS.ProcessEnv, string]>([
  ['keys in the environment beside AWS_PROFILE', [], { ...KEYS, ...AT_DOOR, AWS_PROFILE: 'one' }, ''],
  ['keys in the environment beside --profile', ['--profile', 'one'], { ...KEYS, ...AT_DOOR }, ''],
  ['--profile beside AWS_PROFILE', ['--profile', 'one'], { ...AT_DOOR, AWS_PROFILE: 'two' }, ''],
  ['AWS_PROFILE beside AWS_DEFAULT_PROFILE', [], { ...AT_DOOR, AWS_PROFILE: 'one', AWS_DEFAULT_PROFILE: 'two' }, ''],
  ['no profile', [], AT_DOOR, ''],
  ['a region in both places', [], AT_DOOR, '[default]\nregion = eu-west-3\n'],
  ["the profile's region", [], { AWS_ENDPOINT_URL: 'DOOR' }, '[default]\nregion = eu-west-3\n'],
  ['--region', ['--region', 'eu-north-1'], AT_DOOR, '[default]\nregion = eu-west-3\n'],
  ['FIPS beside an endpoint', [], { ...AT_DOOR, AWS_USE_FIPS_ENDPOINT: 'true' }, ''],
  ['dual-stack beside an endpoint', [], { ...AT_DOOR, AWS_USE_DUALSTACK_ENDPOINT: 'true' }, ''],
  ['both in the profile', [], AT_DOOR, '[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n'],
  [
    'an endpoint of the service',
    [],
    { ...AT_DOOR, AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_KINESIS: 'DOOR' },
    '',
  ],
  ['endpoint_url', [], { AWS_DEFAULT_REGION: 'eu-west-1' }, '[default]\nendpoint_url = DOOR\n'],
  ['a services section', [], { AWS_DEFAULT_REGION: 'eu-west-1' }, SERVICES],
  [
    'ignored endpoints beside the flag',
    ['--endpoint-url', 'DOOR'],
    {
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
    },
    '',
  ],
  ['a profile that is missing, beside keys', [], { ...KEYS, ...AT_DOOR, AWS_PROFILE: 'nope' }, ''],
  ['an endpoint that is no URL', [], { ...KEYS, ...AT_DOOR, AWS_ENDPOINT_URL: 'localhost:4566' }, ''],
])('%s', async (name, args, env, config) => {
  using dir = folder();
  const filled = (text: string) => text.replaceAll('DOOR', door.endpoint);
  writeFileSync(dir.path('config'), filled(config));
  writeFileSync(dir.path('credentials'), CREDENTIALS);
  const all = {
    AWS_CONFIG_FILE: dir.path('config'),
    AWS_SHARED_CREDENTIALS_FILE: dir.path('credentials'),
    ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value ?? '')])),
  };
  const signers: string[] = [];
  for (const run of [cli, tail]) {
    signer = 'nobody';
    const stderr = await run(args.map(filled), all);
    expect(stderr).not.toBe('');
    signers.push(signer);
  }
  expect(signers[0] === 'nobody').toBe(/missing|no URL/.test(name));
  expect(signers[1]).toBe(signers[0]);
});

it.each([
  ['a proxy', {}],
  ['a proxy to a FIPS endpoint', { AWS_USE_FIPS_ENDPOINT: 'true' }],
  ['a proxy for others', { NO_PROXY: 'example.com,aws.com' }],
])('%s', async (_, more) => {
  using dir = folder();
  await using emulator = await startEmulator('--stream', 's:1');
  await using proxy = await proxyTo(emulator.endpoint);
  writeFileSync(dir.path('ca.pem'), await (await fetch(`${emulator.endpoint}/_kload/ca.pem`)).text());
  const env = {
    ...KEYS,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_CA_BUNDLE: dir.path('ca.pem'),
    HTTPS_PROXY: proxy.url,
    ...more,
  };
  expect(await cli([], env)).toBe('');
  const [host] = proxy.asked.splice(0);
  expect(await tail(['--quiet'], env)).toBe('');
  expect(new Set(proxy.asked)).toEqual(new Set([host]));
});
