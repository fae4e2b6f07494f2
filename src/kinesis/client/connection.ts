import { readFileSync } from 'node:fs';
import { KloadError, messageOf } from '../../core/errors.js';
import { httpUrlProblem } from '../../core/http-url.js';
import { type AwsSettings, readAwsSettings } from './aws-settings.js';
import { proxyFor } from './proxy.js';

/** How to reach a stream. Plain data, because it is posted to the workers. */
export interface KinesisConnection {
  readonly region: string;
  /** undefined: the default profile. */
  readonly profile: string | undefined;
  /** A URL set by the user; undefined: AWS's own endpoint. */
  readonly endpoint: string | undefined;
  /** The setting that `endpoint` came from, for hints, such as AWS_ENDPOINT_URL; undefined: --endpoint-url. */
  readonly endpointSetting?: string | undefined;
  /** These two choose among AWS's own endpoints. They have no effect if `endpoint` is set. */
  readonly useFipsEndpoint: boolean;
  readonly useDualstackEndpoint: boolean;
  readonly stream: StreamAddress;
  /** A request that takes longer counts as lost. */
  readonly requestTimeoutMs: number;
  /** Fixed credentials: the environment's or the embedded emulator's. undefined: the profile's or the machine's. */
  readonly credentials: Identity | undefined;
  /** Certificates to trust instead of Node's own, in PEM. */
  readonly ca: string | undefined;
  /** Whether HTTPS_PROXY and HTTP_PROXY apply. */
  readonly usesProxies: boolean;
}

export type StreamAddress = { readonly StreamName: string } | { readonly StreamARN: string };

/** The credentials that sign requests. */
export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export function isSameIdentity(a: Identity, b: Identity): boolean {
  return (
    a.accessKeyId === b.accessKeyId && a.secretAccessKey === b.secretAccessKey && a.sessionToken === b.sessionToken
  );
}

/** Credentials for an emulator, which accepts any credentials. */
export const LOCAL_CREDENTIALS: Identity = { accessKeyId: 'local', secretAccessKey: 'local' };

/** The command line's part of a connection. */
export interface ConnectionFlags {
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly endpoint: string | undefined;
  readonly stream: StreamAddress;
}

/**
 * Completes the flags from the environment and the AWS configuration files, in the AWS CLI's order.
 *
 * @throws KloadError for a setting that cannot be used
 */
export async function connectionFrom(
  flags: ConnectionFlags,
  env: NodeJS.ProcessEnv,
  requestTimeoutMs: number,
): Promise<KinesisConnection> {
  const profile = flags.profile ?? (env.AWS_DEFAULT_PROFILE || env.AWS_PROFILE || undefined);
  const settings = await readAwsSettings(profile, env);
  const region = flags.region ?? configuredRegion(settings, env);
  if (settings.isMissing) {
    const message = `no AWS credentials from profile '${profile}': there is no such profile in ${settings.files}`;
    throw new KloadError('target', message, 'check its name: --profile, AWS_DEFAULT_PROFILE or AWS_PROFILE');
  }
  const configured = flags.endpoint === undefined ? configuredEndpoint(settings, env) : undefined;
  const endpoint = flags.endpoint ?? configured?.url;
  checkProxies(env);
  return {
    region,
    profile,
    endpoint,
    endpointSetting: configured?.setting,
    useFipsEndpoint: endpoint === undefined && isTrue(env.AWS_USE_FIPS_ENDPOINT || settings.profile.use_fips_endpoint),
    useDualstackEndpoint:
      endpoint === undefined && isTrue(env.AWS_USE_DUALSTACK_ENDPOINT || settings.profile.use_dualstack_endpoint),
    stream: flags.stream,
    requestTimeoutMs,
    // Like the AWS CLI, prefer a profile named on the command line to keys in the environment.
    credentials: flags.profile === undefined ? environmentKeys(env) : undefined,
    ca: readCaBundle(settings, env),
    usesProxies: true,
  };
}

/** Reads a switch as the AWS CLI does. */
function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === 'true';
}

function configuredRegion({ profile, profileLabel }: AwsSettings, env: NodeJS.ProcessEnv): string {
  const candidates = [
    ['AWS_REGION', env.AWS_REGION],
    ['AWS_DEFAULT_REGION', env.AWS_DEFAULT_REGION],
    [`region in ${profileLabel}`, profile.region],
  ];
  const [name, region] = candidates.find(([, value]) => value) ?? [];
  if (region === undefined) {
    const hint = `pass --region, or set AWS_REGION or AWS_DEFAULT_REGION: ${profileLabel}`;
    throw new KloadError('usage', 'no AWS region is set', `${hint} of ~/.aws/config sets no region`);
  }
  if (/^[a-z0-9-]{1,63}$/.test(region)) return region;
  throw new KloadError('usage', `'${region}' is not the name of an AWS region`, `check ${name}, or pass --region`);
}

function configuredEndpoint(
  { profile, service, profileLabel }: AwsSettings,
  env: NodeJS.ProcessEnv,
): { readonly url: string; readonly setting: string } | undefined {
  if (isTrue(env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS || profile.ignore_configured_endpoint_urls)) return undefined;
  const candidates = [
    ['AWS_ENDPOINT_URL_KINESIS', env.AWS_ENDPOINT_URL_KINESIS],
    ['AWS_ENDPOINT_URL', env.AWS_ENDPOINT_URL],
    [`kinesis endpoint_url of services '${profile.services}' in ${profileLabel}`, service.endpoint_url],
    [`endpoint_url in ${profileLabel}`, profile.endpoint_url],
  ];
  const [setting, url] = candidates.find(([, value]) => value) ?? [];
  if (setting === undefined || url === undefined) return undefined;
  const problem = httpUrlProblem(url);
  if (problem !== undefined) throw new KloadError('usage', `${setting} ${problem}`);
  return { url, setting };
}

/** @throws KloadError for a proxy setting that cannot be used */
function checkProxies(env: NodeJS.ProcessEnv): void {
  for (const secure of [true, false]) proxyFor({ secure, host: '', port: 0 }, env);
}

function environmentKeys(env: NodeJS.ProcessEnv): Identity | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  const sessionToken = env.AWS_SESSION_TOKEN || env.AWS_SECURITY_TOKEN;
  if (!accessKeyId) return undefined;
  if (!secretAccessKey) {
    throw new KloadError('usage', 'AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY', 'set both, or neither');
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

function readCaBundle({ profile, profileLabel }: AwsSettings, env: NodeJS.ProcessEnv): string | undefined {
  const candidates = [
    ['AWS_CA_BUNDLE', env.AWS_CA_BUNDLE],
    [`ca_bundle in ${profileLabel}`, profile.ca_bundle],
    ['REQUESTS_CA_BUNDLE', env.REQUESTS_CA_BUNDLE],
  ];
  const [name, file] = candidates.find(([, value]) => value) ?? [];
  if (file === undefined) return undefined;
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    throw new KloadError('usage', `${name}: cannot read the certificates in '${file}': ${messageOf(error)}`);
  }
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
  throw new KloadError('usage', `${name}: '${file}' holds no certificate in PEM`);
}
