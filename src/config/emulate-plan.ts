import { KloadError } from '../core/errors.js';
import { parseOptions } from '../options/parse.js';
import type { ConfigFile } from './config-file.js';
import { EMULATE_OPTIONS } from './emulate-options.js';
import { namingSources, notOverridden } from './layers.js';

/** A stream to create at startup. */
export type PlannedStream = { readonly name: string } & ({ readonly shards: number } | { readonly mode: 'ON_DEMAND' });

/** The options of `startEmulator`, and what the command itself needs. */
export type EmulatorPlan = ReturnType<typeof planEmulator>;

type Given = Readonly<Record<string, unknown>>;

/** The options of flags and of the `--config` file. */
export function emulatorGiven(flags: Given, env: NodeJS.ProcessEnv, file?: ConfigFile): Given {
  return file === undefined ? flags : { ...notOverridden(EMULATE_OPTIONS, flags, env, file), ...flags };
}

/** Plans an emulator from the given options. Throws a KloadError (usage) for invalid values. */
export function planEmulator(flags: Given, env: NodeJS.ProcessEnv, file?: ConfigFile) {
  return namingSources(EMULATE_OPTIONS, flags, env, file, () => planGiven(emulatorGiven(flags, env, file), env));
}

function planGiven(given: Given, env: NodeJS.ProcessEnv) {
  const values = parseOptions(EMULATE_OPTIONS, given, env);
  const { port, host, account, region, faultSeed, limits, tlsCert, tlsKey, printCa } = values;
  return {
    server: {
      ...{ port, host, account, region, faultSeed },
      allowOrigins: values.allowOrigin.map(originOf),
      allowHosts: values.allowHost.map(hostOf),
      streams: streamsOf(values.stream),
      createDelayMs: values.createDelay,
      updateDelayMs: values.updateDelay,
      deleteDelayMs: values.deleteDelay,
      consumerDelayMs: values.consumerDelay,
      memoryMaxBytes: values.maxMemory,
      ...(values.dataDir !== undefined && { dataDir: values.dataDir }),
      sync: values.sync,
      ...(values.verifySignatures !== undefined && { verifySignatures: values.verifySignatures }),
      faults: values.fault,
      log: { level: values.logLevel, format: values.logFormat },
    },
    limits,
    tlsFiles: tlsFilesOf(tlsCert, tlsKey),
    printCa,
  };
}

/** The origin as browsers send it: in lower case, without the scheme's default port. */
function originOf(text: string): string {
  if (text === '*' || text === 'null') return text;
  const [, origin, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/[^/?#\s]+)(.*)$/i.exec(text) ?? [];
  if (origin === undefined || (rest !== '' && rest !== '/') || !URL.canParse(origin)) {
    const hint = 'an origin is a scheme, a host and a port, without a path; * allows every origin';
    throw new KloadError(
      'usage',
      `--allow-origin takes an origin such as https://app.example.com, not '${text}'`,
      hint,
    );
  }
  const known = new URL(origin).origin;
  return known === 'null' ? origin.toLowerCase() : known;
}

function hostOf(text: string): string {
  if (/^[a-z0-9_.-]+$/i.test(text)) return text;
  throw new KloadError('usage', `--allow-host takes a name such as kload.example.com, without a port, not '${text}'`);
}

function streamsOf(texts: readonly string[]): PlannedStream[] {
  const streams = texts.map(streamOf);
  const twice = streams.find(({ name }, i) => streams.findIndex((other) => other.name === name) < i);
  if (twice !== undefined) throw new KloadError('usage', `--stream names ${twice.name} twice`);
  return streams;
}

function streamOf(text: string): PlannedStream {
  const [, name, shards = '1'] = /^([a-zA-Z0-9_.-]{1,128})(?::([1-9]\d{0,4}|on-demand))?$/.exec(text) ?? [];
  if (name !== undefined)
    return shards === 'on-demand' ? { name, mode: 'ON_DEMAND' } : { name, shards: Number(shards) };
  const example = '--stream takes a name and a number of shards, such as orders:4';
  throw new KloadError('usage', `${example}, not '${text}'`, 'orders:on-demand scales with its traffic');
}

function tlsFilesOf(cert: string | undefined, key: string | undefined) {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  throw new KloadError('usage', '--tls-cert and --tls-key must be used together');
}
