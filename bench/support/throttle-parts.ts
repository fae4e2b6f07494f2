import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import {
  type _Record,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  UpdateShardCountCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import type { Report } from '#dist/src/core/report.js';
import type { LoopResult, ProducerLoop } from '../programs/producer-loop.js';
import { startProgram } from './child.js';
import { BenchError } from './errors.js';
import { programFile } from './files.js';
import { type KloadRun, runKload, toStream } from './kload.js';
import { sdkClient } from './sdk-client.js';
import { percentile } from './stats.js';

const LOOP = programFile('producer-loop');
const LOOP_LIMIT_MS = 120_000;
const HOT_KEY = 'hot';

type LoopOptions = Pick<ProducerLoop, 'endpoint' | 'records'> & Partial<ProducerLoop> & { readonly limitMs?: number };

/** Runs the producer loop in a process of its own. It resolves once all records are sent; `stop` ends it early. */
export function producerLoop({
  limitMs = LOOP_LIMIT_MS,
  ...options
}: LoopOptions): Promise<LoopResult> & { stop(): Promise<LoopResult> } {
  const settings: ProducerLoop = { stream: 'bench', rps: null, bytes: 200, hotShare: 0, onMs: 0, ...options };
  const args = ['--no-warnings', LOOP, JSON.stringify(settings)];
  const { process: loop, output } = startProgram({ name: 'the producer loop', args, limitMs });
  const result = output.then((text) => JSON.parse(text) as LoopResult);
  const stop = () => {
    loop.kill('SIGTERM');
    return result;
  };
  return Object.assign(result, { stop });
}

/** Writes records as NDJSON. A share of them has the same key. The data of each is its number. */
export function writeHotKeys(file: string, count: number, hotShare: number): void {
  const lines = Array.from({ length: count }, (_, n) => {
    const key = Math.random() < hotShare ? HOT_KEY : randomBytes(8).toString('hex');
    return `${JSON.stringify({ key, data: String(n) })}\n`;
  });
  writeFileSync(file, lines.join(''));
}

/** Opens a client of the service at an endpoint for the duration of `use`. */
export async function withService<T>(endpoint: string, use: (service: Service) => Promise<T>): Promise<T> {
  const service = new Service(endpoint);
  try {
    return await use(service);
  } finally {
    service.close();
  }
}

class Service {
  readonly #client: KinesisClient;

  constructor(endpoint: string) {
    this.#client = sdkClient(endpoint, { attempts: 3 });
  }

  async scale(StreamName: string, TargetShardCount: number): Promise<void> {
    const command = { StreamName, TargetShardCount, ScalingType: 'UNIFORM_SCALING' } as const;
    await this.#client.send(new UpdateShardCountCommand(command));
    await waitUntilStreamExists({ client: this.#client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { StreamName });
  }

  /**
   * How late records arrived in the shards without the hot key, according to the stream's timestamps. Record n was due
   * n / rps seconds after the first; the record with the least lag counts as on time.
   */
  async arrivalLagP99Ms(stream: string, rps: number): Promise<number> {
    const lagsMs: number[] = [];
    const { Shards = [] } = await this.#client.send(new ListShardsCommand({ StreamName: stream }));
    for (const { ShardId = '' } of Shards) {
      const records = await this.#recordsOf(stream, ShardId);
      if (records.some(({ PartitionKey }) => PartitionKey === HOT_KEY)) continue;
      for (const { Data, ApproximateArrivalTimestamp } of records) {
        const n = Number(Buffer.from(Data ?? []).toString());
        lagsMs.push((ApproximateArrivalTimestamp?.getTime() ?? Number.NaN) - (n * 1000) / rps);
      }
    }
    lagsMs.sort((a, b) => a - b);
    return percentile(lagsMs, 0.99) - (lagsMs[0] ?? Number.NaN);
  }

  async #recordsOf(StreamName: string, ShardId: string): Promise<_Record[]> {
    const records: _Record[] = [];
    const position = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    let { ShardIterator } = await this.#client.send(new GetShardIteratorCommand(position));
    for (let behindMs = 1; behindMs > 0 && ShardIterator !== undefined; ) {
      const page = await this.#client.send(new GetRecordsCommand({ ShardIterator }));
      records.push(...(page.Records ?? []));
      behindMs = page.MillisBehindLatest ?? 0;
      ShardIterator = page.NextShardIterator;
    }
    return records;
  }

  close() {
    this.#client.destroy();
  }
}

export function kload(endpoint: string, args: readonly string[]): Promise<KloadRun> {
  return runKload([...args, ...toStream(endpoint), '--quiet']);
}

export async function run(endpoint: string, args: readonly string[]): Promise<Report> {
  return (await kload(endpoint, args)).report;
}

export function asFault(fault: string): string[] {
  return ['--fault', fault];
}

export async function addFault(endpoint: string, fault: string): Promise<void> {
  const response = await fetch(`${endpoint}/_kload/faults`, { method: 'POST', body: fault });
  if (!response.ok) throw new BenchError(`the emulator did not accept the fault: ${await response.text()}`);
}
