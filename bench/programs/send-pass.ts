import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { MessageChannel } from 'node:worker_threads';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Piscina } from 'piscina';
import { PackedRecords } from '../../dist/src/run/between/packed-records.js';
import { nowMs } from '../../dist/src/system/clock.js';

/**
 * Sends PutRecords of 500 as fast as possible: `send-pass.js SENDER PORT BYTES REQUESTS SECONDS`, with REQUESTS in
 * flight at once. Writes one JSON object: records, elapsed time and processor time.
 */

const BATCH_RECORDS = 500;
const KEY_BYTES = 16;
const WARM_UP_SECONDS = 1;
const PACK_BYTES = 256 * 1024;
/** As many records as the coordinator lets a worker hold. */
const HELD_RECORDS_MAX = 32_768;
/** The others cycle through as many records, so that none has its records in the processor's cache. */
const BATCHES = 64;

const [sender = '', port = '', bytesText = '', requestsText = '', seconds = ''] = process.argv.slice(2);
const bytes = Number(bytesText);
const requests = Number(requestsText);
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const endpoint = `http://127.0.0.1:${port}`;
let sent = 0;

/** @type {Record<string, () => Promise<void> | void>} */
const SENDERS = {
  sdk: () => loops(bySdk()),
  raw: () => loops(byHttp()),
  kload: byWorker,
};

const start = SENDERS[sender];
if (start === undefined) throw new Error(`unknown sender '${sender}'`);
await start();
await sleep(WARM_UP_SECONDS);
const sentBefore = sent;
const startMs = performance.now();
const before = process.cpuUsage();
await sleep(Number(seconds));
const { user, system } = process.cpuUsage(before);
const figures = { records: sent - sentBefore, wallMs: performance.now() - startMs, cpuMs: (user + system) / 1000 };
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit();

/** Starts loops that send one request after another, REQUESTS of them at once. @param {() => Promise<void>} send */
function loops(send) {
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
  const client = new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    maxAttempts: 1,
    // HTTP/1.1 with keep-alive: the SDK's own handler for Kinesis opens an HTTP/2 session for every call.
    requestHandler: new NodeHttpHandler({ httpAgent: { keepAlive: true, maxSockets: requests } }),
  });
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
    /** @type {Promise<void>} */ (
      new Promise((resolve, reject) => {
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
      })
    );
}

/** kload's real worker in its thread. Packs that it returns are sent to it again. */
async function byWorker() {
  const { port1, port2 } = new MessageChannel();
  const filename = import.meta.resolve('#sender');
  const threads = { minThreads: 1, maxThreads: 1, atomics: /** @type {const} */ ('disabled') };
  const pool = new Piscina({ filename, ...threads, resourceLimits: { maxYoungGenerationSizeMb: 8 } });
  const connection = { region: 'us-east-1', endpoint, stream: { StreamName: 'null' }, credentials: CREDENTIALS };
  const task = {
    workerId: 0,
    port: port2,
    target: { kind: 'kinesis', connection: { ...connection, requestTimeoutMs: 5_000 }, wire: 'cbor', shards: [] },
    limits: { batchRecordsMax: BATCH_RECORDS, batchBytesMax: 5 * 1024 * 1024 },
    recordOverheadBytes: 0,
    workers: 1,
    placement: { kind: 'hash-ranges', shards: [] },
    // The sink expects full batches.
    lingerMs: 60_000,
    requestsInFlightMax: requests,
    deadLetters: false,
  };
  pool.run(task, { transferList: [port2] }).catch((error) => {
    throw error;
  });
  /** @type {Promise<void>} */
  const ready = new Promise((resolve) => {
    port1.on('message', (message) => {
      if (message.type === 'ready') resolve();
      else if (message.type === 'released') {
        sent += message.count;
        for (const { buffer, capacity } of message.emptied) post(buffer, capacity);
      } else if (message.type === 'snapshot') checkSnapshot(message.snapshot);
    });
  });
  await ready;
  port1.postMessage({ type: 'begin', startMs: nowMs() });
  const capacity = BATCH_RECORDS * Math.max(0.5, Math.floor(PACK_BYTES / BATCH_RECORDS / (bytes + KEY_BYTES)));
  for (let held = 0; held + capacity <= HELD_RECORDS_MAX; held += capacity) post(packOf(capacity).buffer, capacity);

  /** @param {ArrayBuffer} buffer @param {number} capacity */
  function post(buffer, capacity) {
    new Float64Array(buffer, 0, capacity).fill(nowMs());
    port1.postMessage({ type: 'records', buffer, capacity, count: capacity }, [buffer]);
  }
}

/** @param {number} capacity */
function packOf(capacity) {
  const pack = PackedRecords.allocate(capacity, capacity * (bytes + KEY_BYTES));
  for (let record = 0; record < capacity; record++) {
    const key = Buffer.from(randomBytes(KEY_BYTES / 2).toString('hex'));
    pack.addKeyed(randomBytes(bytes), 0, bytes, key, 0, Number.NaN);
  }
  pack.copyPending();
  return pack;
}

/** @param {import('../../dist/src/core/snapshot.js').Snapshot} snapshot */
function checkSnapshot({ errors }) {
  const found = [...errors.keys()];
  if (found.length > 0) throw new Error(`the worker reported ${found.join(', ')}`);
}

/** @param {number} seconds */
function sleep(seconds) {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
