import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { Totals } from '../../../src/measure/totals.js';
import type { FromWorker, SenderTask, ToWorker } from '../../../src/run/between/messages.js';
import { runSender } from '../../../src/run/worker/sender.js';
import { nowMs } from '../../../src/system/clock.js';
import { type GivenRecord, packOf } from '../records.js';

const HOUR_MS = 3_600_000;
const MIB = 1024 * 1024;

/** A worker in this thread with the null target, and its messages. */
function start() {
  const { port1, port2 } = new MessageChannel();
  const messages: FromWorker[] = [];
  let wake = () => {};
  port1.on('message', (message: FromWorker) => {
    messages.push(message);
    wake();
  });
  const post = (message: ToWorker) => port1.postMessage(message);
  const task: SenderTask = {
    workerId: 0,
    workers: 1,
    port: port2,
    target: { kind: 'null' },
    limits: { batchRecordsMax: 500, batchBytesMax: 5 * MIB },
    recordOverheadBytes: 0,
    lingerMs: 0,
    ordered: false,
    requestsInFlightMax: 4,
    maxAttempts: undefined,
    isTimed: false,
    yields: false,
    deadLetters: false,
    made: undefined,
  };
  const ended = runSender(task);
  post({ type: 'begin', startMs: nowMs() });
  return {
    messages,
    post,
    give(records: readonly GivenRecord[], spareBytes = 0) {
      const { buffer, capacity, count, hasAttributes, numbered } = packOf(records, spareBytes);
      post({ type: 'records', buffer, capacity, count, hasAttributes, numbered });
      return { count, bytes: buffer.byteLength };
    },
    /** The next released records and packs. */
    async released(isEnough: (sum: Released) => boolean): Promise<Released> {
      for (;;) {
        const sum = releasedIn(messages);
        if (isEnough(sum)) return sum;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async end(how: 'finish' | 'abandon') {
      post({ type: how });
      await ended;
      while (messages.at(-1)?.type !== 'done') {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      port1.close();
    },
  };
}

interface Released {
  records: number;
  packs: number;
  bytes: number;
}

function releasedIn(messages: readonly FromWorker[]): Released {
  const sum = { records: 0, packs: 0, bytes: 0 };
  for (const message of messages) {
    if (message.type !== 'released') continue;
    sum.records += message.count;
    sum.packs += message.emptied.length;
    for (const { buffer } of message.emptied) sum.bytes += buffer.byteLength;
  }
  return sum;
}

describe('a sender', () => {
  it('reports each record and returns each pack before its last message', async () => {
    const { messages, give, end } = start();
    let [records, bytes] = [0, 0];
    for (let pack = 0; pack < 60; pack++) {
      const count = 1 + ((pack * 37) % 300);
      const given = give(Array.from({ length: count }, (_, n) => ({ data: `${n}`, key: 'k', dueMs: nowMs() + pack })));
      records += given.count;
      bytes += given.bytes;
    }
    await end('finish');
    expect(releasedIn(messages)).toEqual({ records, packs: 60, bytes });
  });

  it('does not count a pause as latency: waiting records are due later by its length', async () => {
    const { messages, post, give, end } = start();
    post({ type: 'pause' });
    // Due before and during the pause, which takes an hour.
    const before = nowMs() - HOUR_MS;
    give(Array.from({ length: 100 }, (_, n) => ({ data: `${n}`, dueMs: before + n })));
    post({ type: 'resume', pausedMs: HOUR_MS });
    await end('finish');
    const totals = new Totals();
    for (const message of messages) {
      if (message.type === 'snapshot') totals.add(message.snapshot);
      else if (message.type === 'done') totals.add(message.result.snapshot);
    }
    expect(totals.sent).toBe(100);
    for (const { max } of [totals.fromIntended.percentiles(), totals.scheduleLag.percentiles()]) {
      expect(max).toBeLessThan(HOUR_MS / 2);
    }
  });

  it('returns packs while it holds other records, once they are large enough', async () => {
    const { post, give, released, end } = start();
    post({ type: 'pause' });
    for (let pack = 0; pack < 5; pack++) give([{ data: 'now', dueMs: 0 }], MIB / 4);
    give([{ data: 'later', dueMs: nowMs() + HOUR_MS }]);
    post({ type: 'resume', pausedMs: 0 });
    const { bytes } = await released((sum) => sum.packs >= 4);
    expect(bytes).toBeGreaterThan(MIB);
    await end('abandon');
  });
});
