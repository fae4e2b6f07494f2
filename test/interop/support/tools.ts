import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the tools are that `.ci/interop-setup` installs, and the environment that they run in. */

const REPOSITORY = new URL('../../../', import.meta.url);

export const python = (): string => installed('venv/bin/python');
export const awsCli = (): string => installed('venv/bin/aws');
export const motoServer = (): string => installed('venv/bin/moto_server');
export const prometheus = (): string => installed('prometheus/usr/bin/prometheus');
/** undefined: there was no Go to build it with. */
export const otelCollector = (): string | undefined =>
  isInstalled('otel/collector') ? installed('otel/collector') : undefined;
export const promtool = (): string => installed('prometheus/usr/bin/promtool');
export const javaClassPath = (program: 'java' | 'kcl' | 'flink' = 'java'): string =>
  `${installed(`${program}/classes`)}:${installed(`${program}/lib`)}/*`;

/** A file of this folder's parent. */
export function interopFile(name: string): string {
  return fileURLToPath(new URL(`test/interop/${name}`, REPOSITORY));
}

/** What a client finds in the environment: credentials, nothing of the machine's configuration. */
export function clientEnv(accessKeyId: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    // A fast machine creates more streams a second than the service lets an account: then clients wait and ask again.
    AWS_RETRY_MODE: 'standard',
    AWS_MAX_ATTEMPTS: '10',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

function isInstalled(name: string): boolean {
  return existsSync(fileURLToPath(new URL(`.interop/${name}`, REPOSITORY)));
}

function installed(name: string): string {
  const path = fileURLToPath(new URL(`.interop/${name}`, REPOSITORY));
  if (!existsSync(path)) throw new Error(`${path} is not there: run .ci/interop-setup first`);
  return path;
}
