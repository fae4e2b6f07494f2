import { homedir } from 'node:os';
import { join } from 'node:path';
import { loadSharedConfigFiles } from '@smithy/core/config';
import { KloadError } from '../../core/errors.js';

type Section = Readonly<Record<string, string | undefined>>;

/** A profile as read from the AWS configuration files. */
export interface AwsSettings {
  /** The profile's settings from both files; empty if no profile is named and there is no default one. */
  readonly profile: Section;
  /** The Kinesis settings of the services section that the profile names. */
  readonly service: Section;
  /** True if the user named a profile that neither file has. */
  readonly isMissing: boolean;
  /** The profile's name for messages: `profile 'default'`. */
  readonly profileLabel: string;
  /** The paths of both files, for messages. */
  readonly files: string;
}

/**
 * Reads a profile from the files, bypassing the SDK's cache.
 *
 * @param name undefined: the default profile
 * @throws KloadError when the profile names a services section that is missing
 */
export async function readAwsSettings(name: string | undefined, env: NodeJS.ProcessEnv): Promise<AwsSettings> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const key = name ?? 'default';
  const { config, credentials } = awsFiles(env);
  const profileLabel = `profile '${key}'`;
  // The credentials file wins, as in the CLI.
  const profile: Section = { ...configFile[key], ...credentialsFile[key] };
  const { services } = profile;
  const section = services === undefined ? {} : configFile[`services.${services}`];
  if (section === undefined) {
    throw new KloadError('usage', `${profileLabel} names services '${services}', which ${config} does not have`);
  }
  return {
    profile,
    isMissing: name !== undefined && configFile[key] === undefined && credentialsFile[key] === undefined,
    service: { endpoint_url: section['kinesis.endpoint_url'] },
    profileLabel,
    files: `${config} or ${credentials}`,
  };
}

function awsFiles(env: NodeJS.ProcessEnv): { readonly config: string; readonly credentials: string } {
  const inHome = (file: string) => join(env.HOME || homedir(), '.aws', file);
  return {
    config: env.AWS_CONFIG_FILE || inHome('config'),
    credentials: env.AWS_SHARED_CREDENTIALS_FILE || inHome('credentials'),
  };
}
