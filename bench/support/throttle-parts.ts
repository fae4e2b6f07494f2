import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  UpdateShardCountCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { startChild } from './child.js';
import { BenchError } from './errors.js';
import { runKload } from './kload.js';

const LOOP = fileURLToPath(new URL('./producer-loop.js', import.meta.url));
const LOOP_LIMIT_MS = 120_000;
const HOT_KEY = 'hot';

/**
 * Runs the producer loop in a process of its own. The promise resolves once all records are sent; `stop` ends it early.
 * @param {Partial<import('./producer-loop.js').ProducerLoop> & { limitMs?: number }} options
 */
export function producerLoop({ limitMs = LOOP_LIMIT_MS, ...options }) {
  const settings = { stream: 'bench', rps: null, bytes: 200, hotShare: 0, onMs: 0, ...options };
  let output = '';
  const child = startChild(process.execPath, ['--no-warnings', LOOP, JSON.stringify(settings)], {
    limitMs,
    onOutput: (text) => {
      output += text;
    },
  });
  /** @type {Promise<import('./producer-loop.js').LoopResult>} */
  const result = child.ended.then(({ code, tail }) => {
    if (code !== 0) throw new BenchError(`the producer loop ended with ${code}:\n${tail}`);
    return JSON.parse(output);
  });
  const stop = () => {
    child.process.kill('SIGTERM');
    return result;
  };
  return Object.assign(result, { stop });
}

/**
 * Writes records as NDJSON. A share of them has the same key. The data of each is its number.
 * @param {string} file
 * @param {number} count
 * @param {number} hotShare
 */
export function writeHotKeys(file, count, hotShare) {
  const lines = Array.from({ length: count }, (_, n) => {
    const key = Math.random() < hotShare ? HOT_KEY : randomBytes(8).toString('hex');
    return `${JSON.stringify({ key, data: String(n) })}\n`;
  });
  writeFileSync(file, lines.join(''));
}

/**
 * Opens a client of the service at an endpoint for the duration of `use`.
 * @template T
 * @param {string} endpoint
 * @param {(service: Service) => Promise<T>} use
 */
export async function withService(endpoint, use) {
  const service = new Service(endpoint);
  try {
    return await use(service);
  } finally {
    service.close();
  }
}

class Service {
  /** @param {string} endpoint */
  constructor(endpoint) {
    this.client = new KinesisClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      requestHandler: new NodeHttpHandler(),
    });
  }

  /** @param {string} stream @param {number} shards */
  async scale(stream, shards) {
    const command = {
      StreamName: stream,
      TargetShardCount: shards,
      ScalingType: /** @type {const} */ ('UNIFORM_SCALING'),
    };
    await this.client.send(new UpdateShardCountCommand(command));
    await waitUntilStreamExists(
      { client: this.client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 },
      { StreamName: stream },
    );
  }

  /**
   * How late records arrived in the shards without the hot key, according to the stream's timestamps. Record n was due
   * n / rps seconds after the first; the record with the least lag counts as on time.
   * @param {string} stream
   * @param {number} rps
   */
  async arrivalLagP99Ms(stream, rps) {
    const lagsMs = [];
    const { Shards = [] } = await this.client.send(new ListShardsCommand({ StreamName: stream }));
    for (const { ShardId = '' } of Shards) {
      const records = await this.#recordsOf(stream, ShardId);
      if (records.some(({ PartitionKey }) => PartitionKey === HOT_KEY)) continue;
      for (const { Data, ApproximateArrivalTimestamp } of records) {
        const n = Number(Buffer.from(Data ?? []).toString());
        lagsMs.push((ApproximateArrivalTimestamp?.getTime() ?? Number.NaN) - (n * 1000) / rps);
      }
    }
    lagsMs.sort((a, b) => a - b);
    return (lagsMs[Math.ceil(0.99 * lagsMs.length) - 1] ?? Number.NaN) - (lagsMs[0] ?? Number.NaN);
  }

  /** @param {string} StreamName @param {string} ShardId */
  async #recordsOf(StreamName, ShardId) {
    const records = [];
    const position = { StreamName, ShardId, ShardIteratorType: /** @type {const} */ ('TRIM_HORIZON') };
    let { ShardIterator } = await this.client.send(new GetShardIteratorCommand(position));
    for (let behindMs = 1; behindMs > 0 && ShardIterator !== undefined; ) {
      const page = await this.client.send(new GetRecordsCommand({ ShardIterator }));
      records.push(...(page.Records ?? []));
      behindMs = page.MillisBehindLatest ?? 0;
      ShardIterator = page.NextShardIterator;
    }
    return records;
  }

  close() {
    this.client.destroy();
  }
}

/** @param {string} endpoint @param {readonly string[]} args */
export function kload(endpoint, args) {
  const to = ['--stream', 'bench', '--endpoint-url', endpoint, '--region', 'us-east-1', '--quiet'];
  return runKload([...args, ...to], { env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' } });
}

/** @param {string} endpoint @param {readonly string[]} args */
export async function run(endpoint, args) {
  return (await kload(endpoint, args)).report;
}

/** @param {string} fault */
export function asFault(fault) {
  return ['--fault', fault];
}

/** @param {string} endpoint @param {string} fault */
export async function addFault(endpoint, fault) {
  const response = await fetch(`${endpoint}/_kload/faults`, { method: 'POST', body: fault });
  if (!response.ok) throw new BenchError(`the emulator did not accept the fault: ${await response.text()}`);
}
