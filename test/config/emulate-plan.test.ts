import { expect, it } from 'vitest';
import { planEmulator } from '../../src/config/emulate-plan.js';

it('listens on this machine only, with limits, unless told otherwise', () => {
  const storage = { memoryMaxBytes: 512 * 1024 ** 2, sync: 'os' };
  expect(planEmulator({}, {})).toEqual({ port: 4566, host: '127.0.0.1', limits: true, streams: [], ...storage });
  const env = { KLOAD_PORT: '0', KLOAD_HOST: '0.0.0.0', KLOAD_LIMITS: 'off' };
  expect(planEmulator({}, env)).toEqual({ port: 0, host: '0.0.0.0', limits: false, streams: [], ...storage });
});

it('keeps data where and how it is told to', () => {
  const given = { dataDir: 'data', sync: 'always', maxMemory: '64MiB' };
  expect(planEmulator(given, {})).toMatchObject({ dataDir: 'data', sync: 'always', memoryMaxBytes: 64 * 1024 ** 2 });
  expect(() => planEmulator({ maxMemory: '1MiB' }, {})).toThrow('--max-memory takes at least 16MiB');
  expect(() => planEmulator({ sync: 'never' }, {})).toThrow("--sync takes os, always, not 'never'");
});

it('begins with the streams that are named, of one shard where no number is', () => {
  expect(planEmulator({ stream: ['orders', 'a.b_c-1:4'] }, {}).streams).toEqual([
    { name: 'orders', shards: 1 },
    { name: 'a.b_c-1', shards: 4 },
  ]);
});

it.each(['', ':4', 'orders:', 'orders:0', 'orders:x', 'orders:1:2', 'my stream', 'x'.repeat(129)])(
  'refuses %j as a stream, with an example',
  (stream) => {
    expect(() => planEmulator({ stream: [stream] }, {})).toThrow(`as orders:4, not '${stream}'`);
  },
);
