import { fromIni } from '@aws-sdk/credential-provider-ini';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { messageOf } from '../../core/errors.js';
import { isLoopback } from '../../system/loopback.js';
import { readAwsSettings } from './aws-settings.js';
import { type Identity, type KinesisConnection, LOCAL_CREDENTIALS } from './connection.js';
import { hostOf } from './proxy.js';

/** Looks for credentials each time it is called. Clients of the SDK keep the result until it expires. */
export type CredentialSource = (properties?: Record<string, unknown>) => Promise<Identity>;

/** The settings by which a profile can say where its credentials come from. */
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

/** Thrown if there are no credentials. The message says why. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsProviderError';
  readonly hint: string;
  /** True if fetching them again may work. */
  readonly isTransient: boolean;

  constructor(message: string, hint: string, isTransient: boolean) {
    super(message);
    this.hint = hint;
    this.isTransient = isTransient;
  }
}

/**
 * Returns a source of the profile's credentials, or of those that the SDK finds outside the configuration files. An
 * emulator on this machine accepts any credentials. For such an endpoint having none is not an error, and the metadata
 * service of a cloud machine is not queried.
 *
 * @param requestHandler sends requests to the services that issue credentials
 */
export function credentialSource(connection: KinesisConnection, requestHandler: unknown): CredentialSource {
  const { credentials, profile, region, endpoint } = connection;
  if (credentials !== undefined) return async () => credentials;
  const isLocal = endpoint !== undefined && isLoopback(hostOf(new URL(endpoint)));
  if (isLocal) process.env.AWS_EC2_METADATA_DISABLED ??= 'true';
  const init = {
    ...(profile === undefined ? {} : { profile }),
    // Tools that renew keys write the new ones to these files.
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
      const usesNoProfile = source === undefined && profile === undefined;
      throw credentialsError(error, source, usesNoProfile ? undefined : settings.profileLabel);
    }
  };
}

/** Drops the SDK's warnings, which would be printed across the dashboard. */
export const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** Recognises the SDK's errors about credentials, and CredentialsError. */
export function isCredentialsError(error: unknown): boolean {
  return error instanceof Error && /^(CredentialsProvider|TokenProvider|Provider)Error$/.test(error.name);
}

/**
 * @param source       the profile's setting that says where its credentials come from
 * @param profileLabel names the profile in the message; undefined: no profile is involved
 */
function credentialsError(
  error: unknown,
  source: string | undefined,
  profileLabel: string | undefined,
): CredentialsError {
  const from = profileLabel === undefined ? '' : ` from ${profileLabel}`;
  const found = (cause: string, hint: string, isTransient = false) =>
    new CredentialsError(`no AWS credentials${from}: ${shown(cause)}`, hint, isTransient);
  const message = messageOf(error);
  const { code, path, $metadata } = error as Error & {
    code?: string;
    path?: string;
    $metadata?: { httpStatusCode?: number };
  };
  if (path !== undefined) {
    const setting = source === undefined ? 'AWS_WEB_IDENTITY_TOKEN_FILE' : `the files that ${profileLabel} names`;
    return found(`cannot read '${path}' (${code})`, `check ${setting}`);
  }
  if ($metadata?.httpStatusCode !== undefined) {
    const isTransient = $metadata.httpStatusCode >= 500 || /Throttl/.test((error as Error).name);
    return found(`${(error as Error).name}: ${message}`, 'check the role and its trust policy', isTransient);
  }
  if (source === 'credential_process') {
    const stderr = message.replace(/^Command failed: .*\n(?=.*\S)/, '');
    const hint = `run the command that ${profileLabel} names, and see what it prints`;
    return found(`credential_process failed: ${stderr}`, hint);
  }
  if (source === 'sso_session' || source === 'sso_start_url') {
    const flag = profileLabel === undefined ? '' : ` --profile ${profileLabel.slice("profile '".length, -1)}`;
    return found(message, `log in with: aws sso login${flag}`);
  }
  if (code !== undefined)
    return found(`the service that issues them cannot be reached (${code})`, 'check the network', true);
  if (profileLabel !== undefined) return found(message, 'check its name in ~/.aws/config and ~/.aws/credentials');
  return found(
    message,
    'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or pass --profile; an emulator on this machine needs none',
  );
}

/** Shortens text to one line for a terminal. */
function shown(text: string): string {
  const line = text
    .trim()
    .replaceAll(/\s*[\r\n]+\s*/g, ' / ')
    .replaceAll(/\p{Cc}+/gu, ' ');
  return line.length > SHOWN_MAX ? `${line.slice(0, SHOWN_MAX)}…` : line;
}
