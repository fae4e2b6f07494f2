import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import type { TopicConfig } from '../../../src/kafka/open-target.js';
import { PartitionMap } from '../../../src/route/partition-map.js';
import type { FromWorker, SenderTask, ToWorker } from '../../../src/run/between/messages.js';
import { runSender } from '../../../src/run/worker/sender.js';
import { nowMs } from '../../../src/system/clock.js';
import { ScriptedCluster } from '../../support/kafka/scripted-broker.js';
import { type GivenRecord, packOf } from '../records.js';

const MESSAGE_BYTES_MAX = 10_000;
const clusters: ScriptedCluster[] = [];

afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster[Symbol.asyncDispose]();
});

async function start(leaders: readonly number[]): Promise<ScriptedCluster> {
  const cluster = await ScriptedCluster.start(leaders);
  clusters.push(cluster);
  return cluster;
}

/** Sends to the cluster with a worker in this thread. */
function sendTo(cluster: ScriptedCluster, task: Partial<SenderTask> = {}) {
  const { port1, port2 } = new MessageChannel();
  const post = (message: ToWorker) => port1.postMessage(message);
  const done = new Promise<FromWorker & { type: 'done' }>((resolve) => {
    port1.on('message', (message: FromWorker) => message.type === 'done' && resolve(message));
  });
  const connection = { brokers: cluster.brokers, tls: undefined, sasl: undefined, requestTimeoutMs: 10_000 };
  const produce = {
    topic: cluster.topic,
    acks: -1,
    compression: 'none',
    idempotent: false,
    recordedTimestamps: false,
  } as const;
  const target: TopicConfig = { kind: 'kafka', connection, produce, partitions: cluster.leaders.length };
  const ended = runSender({
    workerId: 0,
    workers: 1,
    port: port2,
    target,
    limits: { batchRecordsMax: 1000, batchBytesMax: MESSAGE_BYTES_MAX - 61 },
    recordOverheadBytes: 36,
    lingerMs: 0,
    ordered: false,
    requestsInFlightMax: 4,
    maxAttempts: undefined,
    isTimed: false,
    yields: false,
    deadLetters: false,
    made: undefined,
    ...task,
  });
  post({ type: 'begin', startMs: nowMs() });
  const give = (records: readonly GivenRecord[]) => {
    const { buffer, capacity, count, hasAttributes, numbered } = packOf(records);
    post({ type: 'records', buffer, capacity, count, hasAttributes, numbered });
  };
  const finish = async () => {
    post({ type: 'finish' });
    await ended;
    const { result } = await done;
    port1.close();
    return result;
  };
  return { give, finish };
}

describe('a batch of a partition', () => {
  it('is no larger than the topic accepts, with its headers', async () => {
    const cluster = await start([1]);
    const { give, finish } = sendTo(cluster);
    const headers = JSON.stringify({ traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' });
    give(Array.from({ length: 300 }, (_, n) => ({ key: 'k', data: `value ${n}`.padEnd(100), hashKey: headers })));
    expect(await finish()).toMatchObject({ received: 300, unsent: 0 });
    for (const { batches } of cluster.produced) {
      for (const { bytes } of batches) expect(bytes.length).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
    }
  });

  it('is sent although the batch of another partition, whose broker is away, is retried all the time', async () => {
    const cluster = await start([1, 2]);
    await cluster.stopNode(2);
    const { give, finish } = sendTo(cluster, { requestsInFlightMax: 1 });
    give([keyed(1, 'to one that is away'), keyed(0, 'to one that is there')]);
    await cluster.seen(1);
    await cluster.startNode(2);
    expect(await finish()).toMatchObject({ received: 2, unsent: 0 });
    expect(cluster.produced.map(({ node }) => node)).toEqual([1, 2]);
  });
});

const map = new PartitionMap(2);

/** A record of one of two partitions. */
function keyed(partition: number, data: string): GivenRecord {
  for (let n = 0; ; n++) {
    const key = Buffer.from(String(n));
    if (map.indexOf(key, 0, key.length) === partition) return { key: String(n), data };
  }
}
