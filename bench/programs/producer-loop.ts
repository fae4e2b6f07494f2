import { randomBytes } from 'node:crypto';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { sdkClient } from '../support/sdk-client.js';

/**
 * A producer as one would write it without kload: records come due at a rate, are collected for 5 ms and sent with the
 * SDK's client. Only refused records are resent, after exponential backoff with full jitter. The argument is a
 * ProducerLoop as JSON. Prints a LoopResult as JSON when it ends or gets SIGTERM.
 */

export interface ProducerLoop {
  readonly endpoint: string;
  readonly stream: string;
  /** How many to send. */
  readonly records: number;
  /** null: as fast as possible. */
  readonly rps: number | null;
  /** The size of a record's data. */
  readonly bytes: number;
  /** The share of the records with the key 'hot'. */
  readonly hotShare: number;
  /** Records come due for this time, and then none for the same time; 0: always. */
  readonly onMs: number;
}

export interface LoopResult {
  readonly seconds: number;
  readonly sent: number;
  readonly attempts: number;
  readonly refused: number;
}

const BATCH_RECORDS = 500;
const BATCH_BYTES = 5_000_000;
const LINGER_MS = 5;
const REQUESTS_MAX = 32;
const BACKOFF_BASE_MS = 50;
const BACKOFF_MAX_MS = 5_000;

const { endpoint, stream, records, rps, bytes, hotShare, onMs } = JSON.parse(process.argv[2] ?? '') as ProducerLoop;
const client = sdkClient(endpoint, { requests: REQUESTS_MAX });
const data = Buffer.alloc(bytes, 'x');

interface Waiting {
  readonly key: string;
  readonly dueAtMs: number;
  attempts: number;
}

const ready: Waiting[] = [];
let pausing: { record: Waiting; atMs: number }[] = [];
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

function comeDue(nowMs: number) {
  const elapsedMs = nowMs - startMs;
  const active =
    onMs === 0 ? elapsedMs : Math.floor(elapsedMs / (2 * onMs)) * onMs + Math.min(elapsedMs % (2 * onMs), onMs);
  const wanted = rps === null ? made + 4 * BATCH_RECORDS - ready.length : (active * rps) / 1000;
  for (; made < records && made < wanted; made++) {
    const key = Math.random() < hotShare ? 'hot' : randomBytes(8).toString('hex');
    ready.push({ key, dueAtMs: rps === null ? nowMs : startMs + (made * 1000) / rps, attempts: 0 });
  }
}

async function send(batch: Waiting[]) {
  inFlight++;
  for (const record of batch) record.attempts++;
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
  const result: LoopResult = { seconds: (performance.now() - startMs) / 1000, sent, attempts, refused };
  process.stdout.write(JSON.stringify(result));
  client.destroy();
}
