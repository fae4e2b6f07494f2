import { expect, it } from 'vitest';
import { ConnectionPool } from '../../../src/kinesis/put-records/connection-pool.js';

it('a pool leads to its own origin only', () => {
  const origin = { secure: true, host: 'a.example', port: 443 };
  const pool = new ConnectionPool(origin, { connectMs: 1, requestMs: 1 });
  expect(pool.leadsTo({ ...origin })).toBe(true);
  for (const other of [{ secure: false }, { host: 'b.example' }, { port: 444 }]) {
    expect(pool.leadsTo({ ...origin, ...other })).toBe(false);
  }
});
