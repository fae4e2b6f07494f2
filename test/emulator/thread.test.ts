import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

const THREAD = new URL('../../dist/bundle/emulator-thread.js', import.meta.url);

test('an emulator in a thread reports its endpoint, responds, and ends on the close command', async () => {
  const workerData = { streams: [{ name: 's', shards: 2 }] };
  const worker = new Worker(THREAD, { workerData });
  const [message] = await once(worker, 'message');
  expect(message).toEqual({ type: 'ready', port: expect.any(Number), endpoint: `http://127.0.0.1:${message.port}` });
  expect(await (await fetch(`${message.endpoint}/_kload/health`)).json()).toMatchObject({ status: 'ok' });
  const exited = once(worker, 'exit');
  worker.postMessage({ type: 'close' });
  expect(await exited).toEqual([0]);
});

test('an emulator that cannot start in a thread reports why', async () => {
  const worker = new Worker(THREAD, { workerData: { streams: [{ name: 's', shards: 0 }] } });
  // The thread may end before its message is read.
  const exited = once(worker, 'exit');
  const [message] = await once(worker, 'message');
  expect(message).toEqual({ type: 'error', message: expect.stringContaining("at 'shardCount'") });
  expect(await exited).toEqual([0]);
});
