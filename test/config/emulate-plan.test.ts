import { expect, it } from 'vitest';
import { planEmulator } from '../../src/config/emulate-plan.js';

it('listens on this machine only, with limits, unless told otherwise', () => {
  expect(planEmulator({}, {})).toEqual({ port: 4566, host: '127.0.0.1', limits: true, streams: [] });
  const env = { KLOAD_PORT: '0', KLOAD_HOST: '0.0.0.0', KLOAD_LIMITS: 'off' };
  expect(planEmulator({}, env)).toEqual({ port: 0, host: '0.0.0.0', limits: false, streams: [] });
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
