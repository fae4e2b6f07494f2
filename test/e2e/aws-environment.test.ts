import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doorTo, passOn } from '../support/door.js';
import { folder, kload, startEmulator } from '../support/kload.js';

type Files = { readonly config?: string; readonly credentials?: string };

const KEYS = { AWS_ACCESS_KEY_ID: 'ENV', AWS_SECRET_ACCESS_KEY: 'secret' };
const keysOf = (profile: string, id: string) =>
  `[${profile}]\naws_access_key_id = ${id}\naws_secret_access_key = secret\n`;

const RUN = ['run', '--count', '10', '--stream', 's', '--quiet'];
const TAIL = ['tail', 's', '--no-follow', '--quiet'];
const RECORD = ['record', 's', '--no-follow', '--quiet', '--output'];

let emulator: Awaited<ReturnType<typeof startEmulator>>;
let door: Awaited<ReturnType<typeof doorTo>>;
/** The key and the region that signed each request at the door. */
let signers: string[] = [];

beforeAll(async () => {
  emulator = await startEmulator('--stream', 's:2');
  door = await doorTo(emulator.endpoint, async (request, response) => {
    const { authorization = '' } = request.headers;
    const [, key, day, region] = /Credential=([^/]+)\/(\d+)\/([^/]+)\//.exec(authorization) ?? [];
    signers.push(`${key} in ${region}`);
    // The emulator keeps the streams of each region apart.
    request.headers.authorization = authorization.replace(`${day}/${region}/`, `${day}/us-east-1/`);
    await passOn(request, response);
  });
});

afterAll(async () => {
  await door[Symbol.asyncDispose]();
  await emulator[Symbol.asyncDispose]();
});

/** Runs kload with these files and this environment, in which `DOOR` stands for the door's address. */
async function kloadWith(args: readonly string[], env: NodeJS.ProcessEnv, files: Files = {}) {
  using dir = folder();
  const filled = (text: string) => text.replaceAll('DOOR', door.endpoint);
  writeFileSync(dir.path('config'), filled(files.config ?? ''));
  writeFileSync(dir.path('credentials'), filled(files.credentials ?? ''));
  signers = [];
  const { code, stderr } = await kload(
    [...args, ...(args === RECORD ? [dir.path('out')] : [])].map(filled),
    undefined,
    {
      AWS_CONFIG_FILE: dir.path('config'),
      AWS_SHARED_CREDENTIALS_FILE: dir.path('credentials'),
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value ?? '')])),
    },
  );
  return { code, stderr, signers: [...new Set(signers)] };
}

const ONE = keysOf('one', 'ONE');
const IN_ENV = { AWS_ENDPOINT_URL: 'DOOR', AWS_REGION: 'eu-west-1' };

describe('a run is signed as the AWS CLI signs', () => {
  it.each<[string, string[], NodeJS.ProcessEnv, Files, string]>([
    [
      'AWS_DEFAULT_REGION',
      [],
      { ...KEYS, AWS_ENDPOINT_URL: 'DOOR', AWS_DEFAULT_REGION: 'eu-west-2' },
      {},
      'ENV in eu-west-2',
    ],
    [
      'AWS_REGION before AWS_DEFAULT_REGION',
      [],
      { ...KEYS, ...IN_ENV, AWS_DEFAULT_REGION: 'eu-west-2' },
      {},
      'ENV in eu-west-1',
    ],
    [
      'AWS_DEFAULT_REGION before the profile',
      [],
      { ...KEYS, AWS_ENDPOINT_URL: 'DOOR', AWS_DEFAULT_REGION: 'eu-west-2' },
      { config: '[default]\nregion = eu-west-3\n' },
      'ENV in eu-west-2',
    ],
    [
      "the profile's region",
      [],
      { ...KEYS, AWS_ENDPOINT_URL: 'DOOR' },
      { config: '[default]\nregion = eu-west-3\n' },
      'ENV in eu-west-3',
    ],
    ['--region before all', ['--region', 'eu-north-1'], { ...KEYS, ...IN_ENV }, {}, 'ENV in eu-north-1'],
    [
      'keys in the environment before AWS_PROFILE',
      [],
      { ...KEYS, ...IN_ENV, AWS_PROFILE: 'one' },
      { credentials: ONE },
      'ENV in eu-west-1',
    ],
    [
      '--profile before keys in the environment',
      ['--profile', 'one'],
      { ...KEYS, ...IN_ENV },
      { credentials: ONE },
      'ONE in eu-west-1',
    ],
    ['AWS_PROFILE', [], { ...IN_ENV, AWS_PROFILE: 'one' }, { credentials: ONE }, 'ONE in eu-west-1'],
    [
      'AWS_DEFAULT_PROFILE before AWS_PROFILE',
      [],
      { ...IN_ENV, AWS_PROFILE: 'one', AWS_DEFAULT_PROFILE: 'two' },
      { credentials: ONE + keysOf('two', 'TWO') },
      'TWO in eu-west-1',
    ],
    ['the default profile', [], IN_ENV, { credentials: keysOf('default', 'DEF') }, 'DEF in eu-west-1'],
    [
      'AWS_ENDPOINT_URL_KINESIS before AWS_ENDPOINT_URL',
      [],
      { ...KEYS, ...IN_ENV, AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_KINESIS: 'DOOR' },
      {},
      'ENV in eu-west-1',
    ],
    [
      'endpoint_url of the profile',
      [],
      { ...KEYS, AWS_REGION: 'eu-west-1' },
      { config: '[default]\nendpoint_url = DOOR\n' },
      'ENV in eu-west-1',
    ],
    [
      'endpoint_url of its services section',
      [],
      { ...KEYS, AWS_REGION: 'eu-west-1' },
      {
        config:
          '[default]\nservices = s\nendpoint_url = http://127.0.0.1:1\n' +
          '[services s]\nkinesis =\n  endpoint_url = DOOR\n',
      },
      'ENV in eu-west-1',
    ],
    [
      'a flag where configured endpoints are ignored',
      ['--endpoint-url', 'DOOR'],
      { ...KEYS, ...IN_ENV, AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      {},
      'ENV in eu-west-1',
    ],
    [
      'an endpoint before AWS_USE_FIPS_ENDPOINT',
      [],
      { ...KEYS, ...IN_ENV, AWS_USE_FIPS_ENDPOINT: 'true' },
      {},
      'ENV in eu-west-1',
    ],
    [
      'an endpoint before AWS_USE_DUALSTACK_ENDPOINT',
      [],
      { ...KEYS, ...IN_ENV, AWS_USE_DUALSTACK_ENDPOINT: 'true' },
      {},
      'ENV in eu-west-1',
    ],
    [
      'an endpoint before both in the profile',
      [],
      { ...KEYS, ...IN_ENV },
      { config: '[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n' },
      'ENV in eu-west-1',
    ],
    [
      'a switch that is neither true nor false',
      [],
      { ...KEYS, ...IN_ENV, AWS_USE_FIPS_ENDPOINT: 'maybe' },
      {},
      'ENV in eu-west-1',
    ],
  ])('by %s', { tags: 'long' }, async (_, args, env, files, signer) => {
    const result = await kloadWith([...RUN, ...args], env, files);
    expect(result).toEqual({ code: 0, stderr: '', signers: [signer] });
  });

  it.each([
    ['tail', TAIL],
    ['record', RECORD],
  ])('and so is a %s', async (_, args) => {
    const config = '[profile one]\nendpoint_url = DOOR\nuse_fips_endpoint = true\nregion = eu-west-3\n';
    const env = { AWS_PROFILE: 'one', AWS_DEFAULT_REGION: 'eu-west-2' };
    expect(await kloadWith(args, env, { config, credentials: ONE })).toMatchObject({
      code: 0,
      signers: ['ONE in eu-west-2'],
    });
    expect(await kloadWith(args, { ...env, ...KEYS }, { config, credentials: ONE })).toMatchObject({
      code: 0,
      signers: ['ENV in eu-west-2'],
    });
  });
});

describe('a setting that cannot be used ends a run, a tail and a recording with a line', () => {
  const program = (script: string) => `[default]\ncredential_process = ${process.execPath} -e "${script}"\n`;
  const AT_HOME = { ...KEYS, AWS_REGION: 'eu-west-1' };
  const AWS = { AWS_REGION: 'eu-west-1' };

  const SETTINGS: [string, NodeJS.ProcessEnv, Files, number, RegExp][] = [
    [
      'AWS_ENDPOINT_URL',
      { ...AT_HOME, AWS_ENDPOINT_URL: 'localhost:4566' },
      {},
      2,
      /^kload: AWS_ENDPOINT_URL takes a URL such as http:\/\/localhost:4566, not 'localhost:4566'$/m,
    ],
    [
      'AWS_ENDPOINT_URL_KINESIS',
      { ...AT_HOME, AWS_ENDPOINT_URL_KINESIS: 'http://a:b@localhost' },
      {},
      2,
      /^kload: AWS_ENDPOINT_URL_KINESIS takes a URL without a user and password$/m,
    ],
    [
      'endpoint_url',
      AT_HOME,
      { config: '[default]\nendpoint_url = ftp://localhost\n' },
      2,
      /^kload: endpoint_url in profile 'default' takes a URL such as/m,
    ],
    [
      'services',
      AT_HOME,
      { config: '[default]\nservices = none\n' },
      2,
      /^kload: profile 'default' names services 'none', which .*config does not have$/m,
    ],
    [
      'a missing bundle',
      { ...AT_HOME, AWS_CA_BUNDLE: '/nonexistent/ca.pem' },
      {},
      2,
      /^kload: AWS_CA_BUNDLE: cannot read .*'\/nonexistent\/ca.pem': ENOENT/m,
    ],
    [
      'a bundle without certificates',
      AT_HOME,
      { config: '[default]\nca_bundle = /dev/null\n' },
      2,
      /^kload: ca_bundle in profile 'default': '\/dev\/null' holds no certificate/m,
    ],
    [
      'half a pair of keys',
      { ...AWS, AWS_ACCESS_KEY_ID: 'ENV' },
      {},
      2,
      /^kload: AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY$/m,
    ],
    [
      'a missing profile',
      { ...AWS, AWS_PROFILE: 'nope' },
      {},
      4,
      /^kload: no AWS credentials from profile 'nope': there is no such profile in .*config or .*credentials$/m,
    ],
    ['a missing profile beside keys', { ...AT_HOME, AWS_PROFILE: 'nope' }, {}, 4, /there is no such profile/],
    [
      'a failing program',
      AWS,
      { config: program("console.error('no ticket'); console.error('run kinit'); process.exit(3)") },
      4,
      /^kload: no AWS credentials from profile 'default': credential_process failed: no ticket \/ run kinit$/m,
    ],
    [
      'a program that prints no JSON',
      AWS,
      { config: program("console.log('hello')") },
      4,
      /credential_process failed: Profile default credential_process returned invalid JSON/,
    ],
    [
      'a missing program',
      AWS,
      { config: '[default]\ncredential_process = /nonexistent/helper\n' },
      4,
      /credential_process failed: .*\/nonexistent\/helper/,
    ],
    [
      'a missing token file',
      { ...AWS, AWS_WEB_IDENTITY_TOKEN_FILE: '/nonexistent/token', AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/r' },
      {},
      4,
      /^kload: no AWS credentials: cannot read '\/nonexistent\/token' \(ENOENT\)\n +check AWS_WEB_IDENTITY_TOKEN_FILE$/m,
    ],
    [
      "a missing token file of the profile's",
      AWS,
      {
        config:
          '[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nweb_identity_token_file = /nonexistent/token\n',
      },
      4,
      /^kload: no AWS credentials from profile 'default': cannot read '\/nonexistent\/token' \(ENOENT\)$/m,
    ],
    [
      'a missing source profile',
      AWS,
      { config: '[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = gone\n' },
      4,
      /^kload: no AWS credentials from profile 'default': .*gone/m,
    ],
    [
      'an SSO session that has ended',
      AWS,
      {
        config:
          '[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n' +
          '[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n',
      },
      4,
      /^kload: no AWS credentials from profile 'default': .*\n +log in with: aws sso login --profile default$/m,
    ],
  ];

  async function endsWithLine(args: readonly string[], [, env, files, exit, says]: (typeof SETTINGS)[number]) {
    const { code, stderr } = await kloadWith(args, env, files);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+|bug in kload/);
    expect(code).toBe(exit);
  }

  it.each(SETTINGS)('%s', { tags: 'long' }, (...setting) => endsWithLine(RUN, setting));
  it.each(SETTINGS)('%s, in a tail and a recording', { tags: 'long' }, async (...setting) => {
    for (const args of [TAIL, RECORD]) await endsWithLine(args, setting);
  });

  it('a region that asks for FIPS beside an endpoint', async () => {
    const env = { ...KEYS, AWS_REGION: 'fips-us-east-1', AWS_ENDPOINT_URL: 'DOOR' };
    expect(await kloadWith(RUN, env)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^kload: Kinesis has no such endpoint in fips-us-east-1: .*\n +check the region/),
    });
  });
});
