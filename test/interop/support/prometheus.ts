import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { vi } from 'vitest';
import { prometheus, promtool } from './tools.js';

/** One series of a response of Prometheus: its labels, and its value, or its values over time. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/** A Prometheus server on this machine that reads one address. */
export interface Prometheus extends AsyncDisposable {
  query(query: string): Promise<readonly Series[]>;
  /** At every step of a time, in seconds. */
  queryRange(query: string, range: { start: number; end: number; step: number }): Promise<readonly Series[]>;
  /** Called with nothing but a single series without labels. */
  value(query: string): Promise<number>;
  /** What went wrong with the last scrape; '' if nothing did. */
  lastError(): Promise<string>;
}

/** @param configFile what it reads, and how often */
export async function startPrometheus(configFile: string, dataFolder: string, ...more: string[]): Promise<Prometheus> {
  const port = await freePort();
  const child = spawn(
    prometheus(),
    [
      ...[`--config.file=${configFile}`, `--storage.tsdb.path=${dataFolder}`],
      ...[`--web.listen-address=127.0.0.1:${port}`, '--log.level=warn', ...more],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const closed = once(child, 'close');
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-10_000);
  });
  const get = async (path: string, parameters: Record<string, string> = {}): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { status, error, data } = (await response.json()) as { status: string; error?: string; data: unknown };
    if (status !== 'success') throw new Error(`${parameters.query}: ${error}`);
    return data;
  };
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/-/ready`).then(
      ({ ok }) => ok,
      () => {
        if (child.exitCode !== null) throw new Error(`Prometheus ended before it was ready:\n${output}`);
        return false;
      },
    );
  await vi.waitUntil(isReady, { timeout: 60_000, interval: 100 });
  const resultOf = async (path: string, parameters: Record<string, string>) =>
    ((await get(path, parameters)) as { result: readonly Series[] }).result;
  return {
    query: (query) => resultOf('query', { query }),
    queryRange: (query, { start, end, step }) =>
      resultOf('query_range', { query, start: String(start), end: String(end), step: String(step) }),
    async value(query) {
      const [series] = await resultOf('query', { query });
      return Number(series?.value?.[1] ?? Number.NaN);
    },
    async lastError() {
      const { activeTargets } = (await get('targets')) as { activeTargets: readonly { lastError: string }[] };
      return activeTargets.map(({ lastError }) => lastError).join();
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await closed;
    },
  };
}

/** What `promtool check metrics` says about a text; '' if nothing is wrong with it. */
export async function checkMetrics(text: string): Promise<string> {
  const child = spawn(promtool(), ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
  }
  child.stdin.end(text);
  const [code] = await once(child, 'close');
  return code === 0 ? output : `${output}exit code ${code}`;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
