import { fromIni } from '@aws-sdk/credential-provider-ini';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { messageOf } from '../../core/errors.js';
import { readAwsSettings } from './aws-settings.js';
import { type Identity, type KinesisConnection, LOCAL_CREDENTIALS } from './connection.js';

/** Finds credentials each time it is called; clients of the SDK keep what it gives until it expires. */
export type CredentialSource = (properties?: Record<string, unknown>) => Promise<Identity>;

/** Keys of a profile that say where its credentials come from. */
const SOURCES = [
  'role_arn',
  'aws_access_key_id',
  'credential_process',
  'sso_session',
  'sso_start_url',
  'web_identity_token_file',
  'login_session',
];

const SHOWN_MAX = 500;

/** There are no credentials, and why. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsProviderError';
  readonly hint: string;
  /** What keeps them from being fetched may go away. */
  readonly isTransient: boolean;

  constructor(message: string, hint: string, isTransient: boolean) {
    super(message);
    this.hint = hint;
    this.isTransient = isTransient;
  }
}

/**
 * The profile's credentials, or those that the SDK finds beyond the configuration files. An emulator on this machine
 * takes any credentials, so there it is no error to have none, and the metadata service of a cloud machine is not
 * asked.
 *
 * @param requestHandler for the services that hand out credentials
 */
export function credentialSource(connection: KinesisConnection, requestHandler: unknown): CredentialSource {
  const { credentials, profile, region, endpoint } = connection;
  if (credentials !== undefined) return async () => credentials;
  const isLocal = endpoint !== undefined && isLoopback(endpoint);
  if (isLocal) process.env.AWS_EC2_METADATA_DISABLED ??= 'true';
  const init = {
    ...(profile === undefined ? {} : { profile }),
    // Whoever renews keys writes them to the files.
    ignoreCache: true,
    logger: SILENT,
    parentClientConfig: { region, requestHandler, logger: SILENT, ...(profile === undefined ? {} : { profile }) },
  };
  return async (properties) => {
    const settings = await readAwsSettings(profile, process.env);
    const source = SOURCES.find((key) => settings.profile[key]);
    try {
      return await (source === undefined ? defaultProvider(init)(properties) : fromIni(init)(properties));
    } catch (error) {
      if (isLocal && source === undefined && !settings.isMissing && isCredentialsError(error)) return LOCAL_CREDENTIALS;
      throw credentialsError(error, source, source === undefined && profile === undefined ? undefined : settings.place);
    }
  };
}

/** The SDK's own warnings would stand in the middle of the dashboard. */
export const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** Of the SDK, or of the source above. */
export function isCredentialsError(error: unknown): boolean {
  return error instanceof Error && /^(CredentialsProvider|TokenProvider|Provider)Error$/.test(error.name);
}

/**
 * @param source the profile's key that says where they come from
 * @param place  names the profile
 */
function credentialsError(error: unknown, source: string | undefined, place: string | undefined): CredentialsError {
  const from = place === undefined ? '' : ` from ${place}`;
  const found = (cause: string, hint: string, isTransient = false) =>
    new CredentialsError(`no AWS credentials${from}: ${shown(cause)}`, hint, isTransient);
  const message = messageOf(error);
  const { code, path, $metadata } = error as Error & {
    code?: string;
    path?: string;
    $metadata?: { httpStatusCode?: number };
  };
  if (path !== undefined) {
    const setting = source === undefined ? 'AWS_WEB_IDENTITY_TOKEN_FILE' : `the files that ${place} names`;
    return found(`cannot read '${path}' (${code})`, `check ${setting}`);
  }
  if ($metadata?.httpStatusCode !== undefined) {
    const isTransient = $metadata.httpStatusCode >= 500 || /Throttl/.test((error as Error).name);
    return found(`${(error as Error).name}: ${message}`, 'check the role, and who may assume it', isTransient);
  }
  if (source === 'credential_process') {
    const stderr = message.replace(/^Command failed: .*\n(?=.*\S)/, '');
    return found(`credential_process failed: ${stderr}`, `run the command that ${place} names, and see what it prints`);
  }
  if (source === 'sso_session' || source === 'sso_start_url') {
    return found(message, `log in with: aws sso login${place === undefined ? '' : ` --profile ${place.slice(9, -1)}`}`);
  }
  if (code !== undefined)
    return found(`the service that issues them cannot be reached (${code})`, 'check the network', true);
  if (place !== undefined) return found(message, 'check its name in ~/.aws/config and ~/.aws/credentials');
  return found(
    message,
    'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or pass --profile; an emulator on this machine needs none',
  );
}

/** One line, for a terminal. */
function shown(text: string): string {
  const line = text
    .trim()
    .replaceAll(/\s*[\r\n]+\s*/g, ' / ')
    .replaceAll(/\p{Cc}+/gu, ' ');
  return line.length > SHOWN_MAX ? `${line.slice(0, SHOWN_MAX)}…` : line;
}

function isLoopback(endpoint: string): boolean {
  const host = URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
  return host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}
