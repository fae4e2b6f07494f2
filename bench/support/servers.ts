import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BodyClient } from './body-client.js';
import { startChild } from './child.js';
import { BenchError } from './errors.js';
import { repositoryFile } from './files.js';
import { KLOAD } from './kload.js';
import { cpuMs, memoryMib } from './proc.js';

/** Where the bench installs the other emulators, once. */
const CACHE = repositoryFile('.bench');
const PACKAGES = { kinesalite: '3.3.3', 'kinesis-local': '0.6.2' };

const SERVER_LIMIT_MS = 60 * 60_000;
const READY_LIMIT_MS = 60_000;
const READY_POLL_MS = 5;

export const STREAM = 'bench';
const SHARDS = 4;

/** How to start an emulator on a port. */
export interface ServerKind {
  readonly name: string;
  readonly command: (port: number) => Promise<{ args: string[]; env?: NodeJS.ProcessEnv; cwd?: string }>;
}

export interface RunningServer {
  readonly name: string;
  readonly client: BodyClient;
  /** From the start of its process to its first response. */
  readonly startMs: number;
  /** Of its process, now or at its peak. */
  readonly memoryMib: (what: 'VmRSS' | 'VmHWM') => number;
  /** Of all its threads since its start; NaN if there is no /proc. */
  readonly cpuMs: () => number;
  readonly stop: () => Promise<void>;
}

export const OWN: ServerKind = {
  name: 'kload',
  command: async (port) => ({
    args: [KLOAD, 'emulate', '--port', String(port), '--limits', 'off'],
  }),
};

export const OTHERS: readonly ServerKind[] = [
  {
    name: 'kinesalite',
    command: async (port) => ({ args: [packageFile('kinesalite/cli.js'), '--port', String(port)] }),
  },
  {
    name: 'kinesis-local',
    command: async (port) => ({
      args: [packageFile('kinesis-local/main.js')],
      // It reads its certificate from its working directory.
      cwd: packageFile('kinesis-local'),
      env: {
        KINESIS_MOCK_PLAIN_PORT: String(port),
        KINESIS_MOCK_TLS_PORT: String(await freePort()),
        LOG_LEVEL: 'ERROR',
      },
    }),
  },
];

/** Installs the other emulators unless they are installed. Returns why that failed; undefined: it succeeded. */
export function installOthers(): string | undefined {
  if (Object.keys(PACKAGES).every((name) => existsSync(packageFile(name)))) return undefined;
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(join(CACHE, 'package.json'), JSON.stringify({ private: true, dependencies: PACKAGES }));
  const { status, stderr, error } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: CACHE,
    encoding: 'utf8',
  });
  return status === 0 ? undefined : (error?.message ?? stderr.trim().split('\n').at(-1) ?? 'npm failed');
}

function packageFile(path: string) {
  return join(CACHE, 'node_modules', path);
}

/** Starts an emulator in a process of its own, with one stream of four shards. */
export async function startServer({ name, command }: ServerKind): Promise<RunningServer> {
  const port = await freePort();
  const { args, env = {}, cwd } = await command(port);
  const startedMs = performance.now();
  const { process: child, ended } = startChild(process.execPath, args, { env, cwd, limitMs: SERVER_LIMIT_MS });
  ended.catch(() => {});
  const client = new BodyClient(port);
  const stop = async () => {
    client.close();
    child.kill('SIGTERM');
    await ended;
  };
  try {
    const startMs = await readyMs(client, name, startedMs);
    await makeStream(client, name);
    const pid = child.pid ?? 0;
    return { name, client, startMs, stop, memoryMib: (what) => memoryMib(pid, what), cpuMs: () => cpuMs(pid) };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readyMs(client: BodyClient, name: string, startedMs: number) {
  for (;;) {
    const response = await client.call('ListStreams', '{}').catch(() => undefined);
    const passedMs = performance.now() - startedMs;
    if (response?.status === 200) return passedMs;
    if (passedMs > READY_LIMIT_MS) throw new BenchError(`${name} did not respond within ${READY_LIMIT_MS / 1000} s`);
    await sleep(READY_POLL_MS);
  }
}

interface Described {
  readonly StreamDescription: { readonly StreamStatus: string };
}

async function makeStream(client: BodyClient, name: string) {
  await client.callOk('CreateStream', { StreamName: STREAM, ShardCount: SHARDS });
  const endMs = performance.now() + READY_LIMIT_MS;
  while (performance.now() < endMs) {
    const { StreamDescription } = await client.callOk<Described>('DescribeStream', { StreamName: STREAM });
    if (StreamDescription.StreamStatus === 'ACTIVE') return;
    await sleep(READY_POLL_MS);
  }
  throw new BenchError(`the stream at ${name} did not become ACTIVE within ${READY_LIMIT_MS / 1000} s`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
