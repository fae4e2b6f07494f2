import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ProduceOptions } from '../../../src/kafka/produce/request-writer.js';
import { KafkaTarget } from '../../../src/kafka/target.js';
import type { OutgoingRecord } from '../../../src/target/target.js';
import { type Reaction, ScriptedCluster, type SeenProduce } from '../../support/kafka/scripted-broker.js';
import { numbered, outgoing } from './records.js';

const OPTIONS: ProduceOptions = {
  topic: 'orders',
  acks: -1,
  compression: 'none',
  idempotent: true,
  recordedTimestamps: false,
};

const opened: { close(): void; cluster: ScriptedCluster }[] = [];

afterEach(async () => {
  for (const { close, cluster } of opened.splice(0)) {
    close();
    await cluster[Symbol.asyncDispose]();
  }
});

/** Starts a cluster whose partitions have these nodes as leaders, and a target that sends to it. */
async function open(
  leaders: readonly number[] = [1],
  options: Partial<ProduceOptions> = {},
  requestTimeoutMs = 10_000,
) {
  const cluster = await ScriptedCluster.start(leaders);
  const connection = { brokers: cluster.brokers, tls: undefined, sasl: undefined, requestTimeoutMs };
  const target = new KafkaTarget(connection, { ...OPTIONS, ...options });
  opened.push({ close: () => target.close(), cluster });
  const send = (batch: readonly OutgoingRecord[], partition = 0) => target.send(batch, () => {}, String(partition));
  return { cluster, target, send };
}

/** The producer id and base sequence of a batch. */
function stampOf({ batches }: SeenProduce, index = 0): readonly [producerId: bigint, sequence: number] {
  const bytes = batches[index]!.bytes;
  return [bytes.readBigInt64BE(43), bytes.readInt32BE(53)];
}

/** Reacts to the first requests as given, and accepts all others. */
function script(...reactions: readonly Reaction[]): (seen: SeenProduce) => Reaction {
  let next = 0;
  return () => reactions[next++] ?? {};
}

describe('a batch', () => {
  test('is accepted', async () => {
    const { cluster, target } = await open();
    const offered: number[] = [];
    const batch = numbered(20);
    const result = await target.send(batch, (atMs) => offered.push(atMs), '0');
    expect(result).toMatchObject({ refusal: undefined, failures: [], shardIds: [] });
    expect(offered).toEqual([result.offeredAtMs]);
    expect(result.endedAtMs).toBeGreaterThanOrEqual(result.offeredAtMs);
    expect(cluster.produced).toHaveLength(1);
    expect(cluster.produced[0]).toMatchObject({ node: 1, acks: -1, timeoutMs: 9_000, topic: 'orders' });
    expect(cluster.produced[0]?.batches[0]?.bytes.includes('value 19')).toBe(true);
  });

  test('sets no timer with a negative delay, which Node.js 24 warns about', async () => {
    const { target, send } = await open();
    await target.warmUp();
    const setTimer = vi.spyOn(globalThis, 'setTimeout');
    await send(numbered(1));
    const delays = setTimer.mock.calls.map(([, delayMs = 0]) => delayMs);
    setTimer.mockRestore();
    expect(delays.filter((delayMs) => delayMs < 0)).toEqual([]);
  });

  test('shares one request per broker with the other batches of its tick', async () => {
    const { cluster, send, target } = await open([1, 2, 1, 2, 1]);
    await target.warmUp();
    await Promise.all([0, 1, 2, 3, 4].map((partition) => send(numbered(3, `of ${partition}`), partition)));
    const seen = cluster.produced.map(({ node, batches }) => [node, batches.map(({ partition }) => partition)]);
    expect(seen.sort()).toEqual([
      [1, [0, 2, 4]],
      [2, [1, 3]],
    ]);
    for (const { batches } of cluster.produced) {
      for (const { partition, bytes } of batches) expect(bytes.includes(`of ${partition} 2`)).toBe(true);
    }
  });

  test('has a request of its own if it is large', async () => {
    const { cluster, send } = await open([1, 1, 1]);
    const large = () => outgoing([{ value: Buffer.alloc(700_000, 'x') }]);
    await Promise.all([0, 1, 2].map((partition) => send(large(), partition)));
    expect(cluster.produced.map(({ batches }) => batches.length)).toEqual([1, 1, 1]);
  });

  test('is settled once it is written to the socket if acks=0', async () => {
    const { cluster, send } = await open([1], { acks: 0, idempotent: false });
    cluster.react = () => 'silence';
    const result = await send(numbered(5));
    expect(result.refusal).toBeUndefined();
    await cluster.seen(1);
    expect(cluster.produced[0]?.acks).toBe(0);
  });

  test('is refused permanently if its headers are malformed', async () => {
    const { cluster, send } = await open();
    const bad = outgoing([{ value: Buffer.from('v'), headers: '"a"' }]);
    expect((await send(bad)).refusal).toMatchObject({ kind: 'permanent', code: 'BadHeaders' });
    expect((await send(numbered(1))).refusal).toBeUndefined();
    expect(cluster.produced).toHaveLength(1);
  });
});

describe("a broker's response", () => {
  test.each([
    [2, 'CORRUPT_MESSAGE', 'retriable'],
    [3, 'UNKNOWN_TOPIC_OR_PARTITION', 'retriable'],
    [6, 'NOT_LEADER_OR_FOLLOWER', 'retriable'],
    [7, 'REQUEST_TIMED_OUT', 'retriable'],
    [10, 'MESSAGE_TOO_LARGE', 'permanent'],
    [19, 'NOT_ENOUGH_REPLICAS', 'retriable'],
    [29, 'TOPIC_AUTHORIZATION_FAILED', 'fatal'],
    [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'retriable'],
    [87, 'INVALID_RECORD', 'permanent'],
    [999, 'ERROR_999', 'permanent'],
  ])('with error code %i is a refusal with %s', async (error, code, kind) => {
    const { cluster, send } = await open([1, 1]);
    cluster.react = script({ errors: { 1: error } });
    const [good, bad] = await Promise.all([send(numbered(2), 0), send(numbered(2), 1)]);
    expect(good?.refusal).toBeUndefined();
    expect(bad?.refusal).toMatchObject({ kind, code });
    expect(bad?.refusal?.message).toMatch(/^[^\n]+ \(broker 127\.[\d.]+:\d+, topic orders, partition 1\)$/);
  });

  test('that does not mention the partition is unreadable', async () => {
    const { cluster, send } = await open([1]);
    cluster.react = (seen) => {
      Object.assign(seen, { batches: [] });
      return {};
    };
    expect((await send(numbered(1))).refusal).toMatchObject({ kind: 'retriable', code: 'UnreadableResponse' });
  });

  test('that the leader has changed makes the target look up the new one', async () => {
    const { cluster, send } = await open([1, 2]);
    const batch = numbered(3);
    cluster.react = script({ errors: { 0: 6 } });
    expect((await send(batch, 0)).refusal?.code).toBe('NOT_LEADER_OR_FOLLOWER');
    cluster.leaders[0] = 2;
    expect((await send(batch, 0)).refusal).toBeUndefined();
    expect(cluster.produced.map(({ node }) => node)).toEqual([1, 2]);
    expect(cluster.produced[1]?.batches[0]?.bytes).toEqual(cluster.produced[0]?.batches[0]?.bytes);
  });

  test('with a throttle time delays the next request', async () => {
    const { cluster, send } = await open();
    cluster.react = script({ throttleMs: 200 });
    const first = await send(numbered(1));
    const second = await send(numbered(1));
    // Less than 200 ms, because the two times come from different clocks.
    expect(second.offeredAtMs - first.endedAtMs).toBeGreaterThan(150);
  });
});

describe('sending continues', () => {
  test.each(['reset', 'half'] as const)('after a response is lost (%s)', async (reaction) => {
    const { cluster, send } = await open([1, 1]);
    cluster.react = script(reaction);
    const [batch, other] = [numbered(4), numbered(4)];
    const refused = await Promise.all([send(batch, 0), send(other, 1)]);
    expect(refused.map(({ refusal }) => refusal?.kind)).toEqual(['unreachable', 'unreachable']);
    const again = await Promise.all([send(batch, 0), send(other, 1)]);
    expect(again.map(({ refusal }) => refusal)).toEqual([undefined, undefined]);
    const [first, second] = cluster.produced;
    expect(second?.batches).toEqual(first?.batches);
  });

  test('after a request timed out', async () => {
    const { cluster, send } = await open([1], {}, 300);
    cluster.react = script('silence');
    const batch = numbered(4);
    expect((await send(batch)).refusal).toMatchObject({ kind: 'unreachable', code: 'ETIMEDOUT' });
    expect((await send(batch)).refusal).toBeUndefined();
  });

  test('after a restart of all brokers', async () => {
    const { cluster, send } = await open([1, 2]);
    expect((await send(numbered(1), 1)).refusal).toBeUndefined();
    await cluster.stopNode(1);
    await cluster.stopNode(2);
    const batch = numbered(2);
    expect((await send(batch, 1)).refusal?.kind).toBe('unreachable');
    expect((await send(batch, 1)).refusal?.kind).toBe('unreachable');
    expect((await send(batch, 1)).refusal).toMatchObject({ kind: 'unreachable', code: 'ECONNREFUSED' });
    await cluster.startNode(1);
    await cluster.startNode(2);
    expect((await send(batch, 1)).refusal).toBeUndefined();
    expect((await send(numbered(2), 0)).refusal).toBeUndefined();
  });

  test('to the other brokers while one is down', async () => {
    const { cluster, send } = await open([1, 2]);
    await Promise.all([send(numbered(1), 0), send(numbered(1), 1)]);
    await cluster.stopNode(2);
    const results = await Promise.all([send(numbered(1), 0), send(numbered(1), 1)]);
    expect(results.map(({ refusal }) => refusal?.kind)).toEqual([undefined, 'unreachable']);
    expect((await send(numbered(1), 0)).refusal).toBeUndefined();
  });

  test('when a partition has a leader again', async () => {
    const { cluster, send } = await open([1, 1]);
    await send(numbered(1), 0);
    cluster.leaders[1] = -1;
    cluster.react = script({ errors: { 1: 6 } });
    const batch = numbered(2);
    expect((await send(batch, 1)).refusal?.code).toBe('NOT_LEADER_OR_FOLLOWER');
    expect((await send(batch, 1)).refusal).toMatchObject({ kind: 'retriable', code: 'LEADER_NOT_AVAILABLE' });
    expect((await send(numbered(1), 0)).refusal).toBeUndefined();
    cluster.leaders[1] = 1;
    expect((await send(batch, 1)).refusal).toBeUndefined();
  });

  test('with the first broker that is up', async () => {
    const { cluster, send } = await open([1, 2]);
    await cluster.stopNode(1);
    cluster.leaders[0] = 2;
    expect((await send(numbered(1), 0)).refusal).toBeUndefined();
  });

  test('until the target is closed', async () => {
    const { cluster, send, target } = await open();
    cluster.react = () => 'silence';
    const sending = send(numbered(1));
    await cluster.seen(1);
    target.close();
    expect((await sending).refusal?.kind).toBe('unreachable');
  });
});

describe('idempotence', () => {
  test('numbers the records of each partition', async () => {
    const { cluster, send } = await open([1, 1]);
    for (const [count, partition] of [
      [3, 0],
      [5, 0],
      [2, 1],
      [1, 0],
    ] as const)
      await send(numbered(count), partition);
    expect(cluster.produced.map((seen) => stampOf(seen)[1])).toEqual([0, 3, 0, 8]);
    expect(new Set(cluster.produced.map((seen) => stampOf(seen)[0])).size).toBe(1);
    expect(cluster.producerIdsGiven).toBe(1);
  });

  test('uses a new producer id if the broker may have stored a refused batch', async () => {
    const { cluster, send } = await open();
    cluster.react = script({}, { errors: { 0: -1 } });
    for (const count of [2, 3, 4]) await send(numbered(count));
    expect(cluster.produced.map((seen) => stampOf(seen)[1])).toEqual([0, 2, 0]);
    expect(cluster.producerIdsGiven).toBe(2);
  });

  test('treats a duplicate as accepted', async () => {
    const { cluster, send } = await open();
    cluster.react = script('reset', { errors: { 0: 46 } });
    const batch = numbered(3);
    expect((await send(batch)).refusal?.kind).toBe('unreachable');
    expect((await send(batch)).refusal).toBeUndefined();
    await send(numbered(1));
    expect(stampOf(cluster.produced[2]!)[1]).toBe(3);
  });

  test('uses a new producer id after a batch was given up', async () => {
    const { cluster, send } = await open([1, 1]);
    await send(numbered(2), 1);
    cluster.react = script({ errors: { 0: 19 } });
    expect((await send(numbered(3), 0)).refusal?.code).toBe('NOT_ENOUGH_REPLICAS');
    await send(numbered(4), 0);
    await send(numbered(1), 0);
    await send(numbered(1), 1);
    const [id, , after, next, other] = cluster.produced.map((seen) => stampOf(seen));
    expect(after?.[0]).not.toBe(id?.[0]);
    expect([after?.[1], next?.[1]]).toEqual([0, 4]);
    expect(next?.[0]).toBe(after?.[0]);
    expect(other).toEqual([id?.[0], 2]);
  });

  test('reuses the sequence numbers of a batch that was refused permanently', async () => {
    const { cluster, send } = await open();
    cluster.react = script({}, { errors: { 0: 10 } });
    for (const count of [2, 3, 4]) await send(numbered(count));
    expect(cluster.produced.map((seen) => stampOf(seen)[1])).toEqual([0, 2, 2]);
    expect(cluster.producerIdsGiven).toBe(1);
  });

  test.each([45, 47, 59])('uses a new producer id if the broker expects another sequence (%i)', async (error) => {
    const { cluster, send } = await open();
    cluster.react = script({}, { errors: { 0: error } });
    await send(numbered(2));
    const batch = numbered(3);
    expect((await send(batch)).refusal?.kind).toBe('retriable');
    expect((await send(batch)).refusal).toBeUndefined();
    const [, before, after] = cluster.produced.map((seen) => stampOf(seen));
    expect(before?.[1]).toBe(2);
    expect(after?.[1]).toBe(0);
    expect(after?.[0]).not.toBe(before?.[0]);
  });

  test('waits for a broker that has no producer ids yet', async () => {
    const { cluster, send } = await open();
    cluster.producerIdErrors.push(14, 14);
    expect((await send(numbered(1))).refusal).toBeUndefined();
  });

  test('reports that the producer lacks the permission', async () => {
    const { cluster, send } = await open();
    cluster.producerIdErrors.push(31);
    expect((await send(numbered(1))).refusal).toMatchObject({ kind: 'fatal', code: 'CLUSTER_AUTHORIZATION_FAILED' });
  });

  test('is off if not requested', async () => {
    const { cluster, send } = await open([1], { idempotent: false, acks: 1 });
    await send(numbered(2));
    expect(stampOf(cluster.produced[0]!)).toEqual([-1n, -1]);
    expect(cluster.producerIdsGiven).toBe(0);
  });
});
