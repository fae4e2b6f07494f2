import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { Piscina } from 'piscina';
import type { Snapshot } from '#dist/src/core/snapshot.js';
import type { StreamConfig } from '#dist/src/kinesis/open-target.js';
import type { FromWorker, SenderTask, ToWorker } from '#dist/src/run/between/messages.js';
import { PackedRecords } from '#dist/src/run/between/packed-records.js';
import { nowMs } from '#dist/src/system/clock.js';
import { sdkClient } from '../support/sdk-client.js';

/**
 * Sends PutRecords of 500 as fast as possible: `send-pass SENDER PORT BYTES REQUESTS SECONDS`, with REQUESTS in
 * flight at once. Writes a SendPass as JSON.
 */

export type Sender = 'kload' | 'sdk' | 'raw';

export interface SendPass {
  readonly records: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

const BATCH_RECORDS = 500;
const KEY_BYTES = 16;
const WARM_UP_MS = 1_000;
const PACK_BYTES = 256 * 1024;
/** As many records as the coordinator lets a worker hold. */
const HELD_RECORDS_MAX = 32_768;
/** The others cycle through as many records, so that none has its records in the processor's cache. */
const BATCHES = 64;

const [sender = '', port = '', bytesText = '', requestsText = '', seconds = ''] = process.argv.slice(2);
const bytes = Number(bytesText);
const requests = Number(requestsText);
const endpoint = `http://127.0.0.1:${port}`;
let sent = 0;

const SENDERS: Readonly<Record<Sender, () => Promise<void> | void>> = {
  sdk: () => loops(bySdk()),
  raw: () => loops(byHttp()),
  kload: byWorker,
};

await SENDERS[sender as Sender]();
await sleep(WARM_UP_MS);
const sentBefore = sent;
const startMs = performance.now();
const before = process.cpuUsage();
await sleep(1000 * Number(seconds));
const { user, system } = process.cpuUsage(before);
const pass: SendPass = {
  records: sent - sentBefore,
  wallMs: performance.now() - startMs,
  cpuMs: (user + system) / 1000,
};
process.stdout.write(`${JSON.stringify(pass)}\n`);
process.exit();

/** Starts loops that send one request after another, REQUESTS of them at once. */
function loops(send: () => Promise<void>): void {
  for (let loop = 0; loop < requests; loop++) {
    (async () => {
      for (;;) {
        await send();
        sent += BATCH_RECORDS;
      }
    })();
  }
}

function records() {
  return Array.from({ length: BATCH_RECORDS }, () => ({
    Data: randomBytes(bytes),
    PartitionKey: randomBytes(KEY_BYTES / 2).toString('hex'),
  }));
}

function bySdk() {
  const client = sdkClient(endpoint, { requests });
  const batches = Array.from({ length: BATCHES }, records);
  let next = 0;
  return async () => {
    const Records = batches[next++ % BATCHES];
    const output = await client.send(new PutRecordsCommand({ StreamName: 'null', Records }));
    if (output.Records?.length !== BATCH_RECORDS) throw new Error(`${output.Records?.length} results`);
  };
}

/** The limit of the machine and node:http: prepared unsigned bodies, and responses that are not parsed. */
function byHttp() {
  const agent = new Agent({ keepAlive: true, maxSockets: requests });
  const bodies = Array.from({ length: BATCHES }, () => {
    const Records = records().map(({ Data, PartitionKey }) => ({ Data: Data.toString('base64'), PartitionKey }));
    return Buffer.from(JSON.stringify({ StreamName: 'null', Records }));
  });
  let next = 0;
  return () =>
    new Promise<void>((resolve, reject) => {
      const body = bodies[next++ % BATCHES] ?? Buffer.alloc(0);
      const headers = {
        'content-type': 'application/x-amz-json-1.1',
        'content-length': body.length,
        'x-amz-target': 'Kinesis_20131202.PutRecords',
      };
      const options = { host: '127.0.0.1', port, method: 'POST', path: '/', agent, headers };
      const put = request(options, (response) => response.on('error', reject).on('end', resolve).resume());
      put.on('error', reject);
      put.end(body);
    });
}

/** kload's real worker in its thread. Packs that it returns are sent to it again. */
async function byWorker(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const filename = import.meta.resolve('#sender');
  const threads = { minThreads: 1, maxThreads: 1, atomics: 'disabled' } as const;
  const pool = new Piscina({ filename, ...threads, resourceLimits: { maxYoungGenerationSizeMb: 8 } });
  pool.run([taskOf(port2)], { transferList: [port2] }).catch((error: unknown) => {
    throw error;
  });
  await new Promise<void>((resolve) => {
    port1.on('message', (message: FromWorker) => {
      if (message.type === 'ready') resolve();
      else if (message.type === 'released') {
        sent += message.count;
        for (const { buffer, capacity } of message.emptied) post(buffer, capacity);
      } else if (message.type === 'snapshot') checkSnapshot(message.snapshot);
    });
  });
  tell({ type: 'begin', startMs: nowMs() });
  const capacity = BATCH_RECORDS * Math.max(0.5, Math.floor(PACK_BYTES / BATCH_RECORDS / (bytes + KEY_BYTES)));
  for (let held = 0; held + capacity <= HELD_RECORDS_MAX; held += capacity) post(packOf(capacity).buffer, capacity);

  function post(buffer: ArrayBuffer, capacity: number): void {
    new Float64Array(buffer, 0, capacity).fill(nowMs());
    tell({ type: 'records', buffer, capacity, count: capacity, hasAttributes: false, numbered: false }, [buffer]);
  }

  function tell(message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
    port1.postMessage(message, transfer);
  }
}

function taskOf(port: MessagePort): SenderTask {
  const target: StreamConfig = {
    kind: 'kinesis',
    connection: {
      region: 'us-east-1',
      profile: undefined,
      endpoint,
      useFipsEndpoint: false,
      useDualstackEndpoint: false,
      stream: { StreamName: 'null' },
      requestTimeoutMs: 5_000,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      ca: undefined,
      usesProxies: false,
    },
    wire: 'cbor',
    shards: [],
  };
  return {
    workerId: 0,
    workers: 1,
    port,
    target,
    limits: { batchRecordsMax: BATCH_RECORDS, batchBytesMax: 5 * 1024 * 1024 },
    recordOverheadBytes: 0,
    // The sink expects full batches.
    lingerMs: 60_000,
    ordered: false,
    requestsInFlightMax: requests,
    maxAttempts: undefined,
    isTimed: false,
    yields: false,
    deadLetters: false,
    made: undefined,
  };
}

function packOf(capacity: number) {
  const pack = PackedRecords.allocate(capacity, capacity * (bytes + KEY_BYTES));
  for (let record = 0; record < capacity; record++) {
    const key = Buffer.from(randomBytes(KEY_BYTES / 2).toString('hex'));
    pack.addKeyed(randomBytes(bytes), 0, bytes, key, 0, Number.NaN);
  }
  pack.copyPending();
  return pack;
}

function checkSnapshot({ errors }: Snapshot) {
  const found = [...errors.keys()];
  if (found.length > 0) throw new Error(`the worker reported ${found.join(', ')}`);
}
