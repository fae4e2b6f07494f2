import { randomBytes } from 'node:crypto';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/**
 * A producer as one would write it without kload: records come due at a rate, are collected for 5 ms and sent with the
 * SDK's client. Only refused records are resent, after exponential backoff with full jitter. The argument is a
 * ProducerLoop as JSON. Prints a LoopResult as JSON when it ends or gets SIGTERM.
 *
 * @typedef {object} ProducerLoop
 * @property {string} endpoint
 * @property {string} stream
 * @property {number} records to send
 * @property {number | null} rps null: as fast as possible
 * @property {number} bytes the size of a record's data
 * @property {number} hotShare the share of the records with the key 'hot'
 * @property {number} onMs records come due for this time, and then none for the same time; 0: always
 *
 * @typedef {{ seconds: number, sent: number, attempts: number, refused: number, lagP99Ms: number, cpuMs: number }}
 * LoopResult
 */

const BATCH_RECORDS = 500;
const BATCH_BYTES = 5_000_000;
const LINGER_MS = 5;
const REQUESTS_MAX = 32;
const BACKOFF_BASE_MS = 50;
const BACKOFF_MAX_MS = 5_000;

/** @type {ProducerLoop} */
const { endpoint, stream, records, rps, bytes, hotShare, onMs } = JSON.parse(process.argv[2] ?? '');
const client = new KinesisClient({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
  // HTTP/1.1 with keep-alive: the SDK's own handler for Kinesis opens an HTTP/2 session for every call.
  requestHandler: new NodeHttpHandler({ httpAgent: { keepAlive: true, maxSockets: REQUESTS_MAX } }),
});
const data = Buffer.alloc(bytes, 'x');

/** @typedef {{ key: string, dueAtMs: number, attempts: number }} Waiting */
/** @type {Waiting[]} */
const ready = [];
/** @type {{ record: Waiting, atMs: number }[]} */
let pausing = [];
/** @type {number[]} */
const lagsMs = [];
let [made, sent, attempts, refused, inFlight] = [0, 0, 0, 0, 0];
const batchMax = Math.min(BATCH_RECORDS, Math.floor(BATCH_BYTES / (bytes + 64)));

process.on('SIGTERM', finish);
const startMs = performance.now();
const timer = setInterval(tick, 1);

function tick() {
  const nowMs = performance.now();
  comeDue(nowMs);
  const due = pausing.filter(({ atMs }) => atMs <= nowMs);
  if (due.length > 0) {
    pausing = pausing.filter(({ atMs }) => atMs > nowMs);
    ready.unshift(...due.map(({ record }) => record));
  }
  while (inFlight < REQUESTS_MAX && ready.length > 0) {
    const waitedMs = nowMs - (ready[0]?.dueAtMs ?? nowMs);
    if (ready.length < batchMax && waitedMs < LINGER_MS && made < records) break;
    send(ready.splice(0, batchMax));
  }
  if (made === records && ready.length === 0 && pausing.length === 0 && inFlight === 0) finish();
}

/** @param {number} nowMs */
function comeDue(nowMs) {
  const elapsedMs = nowMs - startMs;
  const active =
    onMs === 0 ? elapsedMs : Math.floor(elapsedMs / (2 * onMs)) * onMs + Math.min(elapsedMs % (2 * onMs), onMs);
  const wanted = rps === null ? made + 4 * BATCH_RECORDS - ready.length : (active * rps) / 1000;
  for (; made < records && made < wanted; made++) {
    const key = Math.random() < hotShare ? 'hot' : randomBytes(8).toString('hex');
    ready.push({ key, dueAtMs: rps === null ? nowMs : startMs + (made * 1000) / rps, attempts: 0 });
  }
}

/** @param {Waiting[]} batch */
async function send(batch) {
  inFlight++;
  const nowMs = performance.now();
  for (const record of batch) if (record.attempts++ === 0) lagsMs.push(nowMs - record.dueAtMs);
  attempts += batch.length;
  const Records = batch.map(({ key }) => ({ Data: data, PartitionKey: key }));
  const results = await client.send(new PutRecordsCommand({ StreamName: stream, Records })).then(
    ({ Records = [] }) => Records,
    () => batch.map(() => ({ ErrorCode: 'refused as a whole' })),
  );
  inFlight--;
  const draw = Math.random();
  for (const [index, record] of batch.entries()) {
    if (results[index]?.ErrorCode === undefined) {
      sent++;
    } else {
      refused++;
      const backoffMs = draw * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** (record.attempts - 1));
      pausing.push({ record, atMs: performance.now() + backoffMs });
    }
  }
}

function finish() {
  clearInterval(timer);
  const { user, system } = process.cpuUsage();
  lagsMs.sort((a, b) => a - b);
  const lagP99Ms = lagsMs[Math.ceil(0.99 * lagsMs.length) - 1] ?? 0;
  const seconds = (performance.now() - startMs) / 1000;
  process.stdout.write(JSON.stringify({ seconds, sent, attempts, refused, lagP99Ms, cpuMs: (user + system) / 1000 }));
  client.destroy();
}
