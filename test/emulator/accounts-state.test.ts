import { expect, test } from 'vitest';
import { limitsOf } from '../../src/emulator/limits/limits.js';
import { Accounts } from '../../src/emulator/store/accounts.js';
import type { Stream } from '../../src/emulator/store/stream.js';
import type { AccountState, StreamState } from '../../src/emulator/store/stream-state.js';

const CALLER = { account: '000000000000', region: 'us-east-1' };
const NOW = 1_760_000_000_000;
const HOUR_MS = 3_600_000;

/** Accounts that can be restored with `again` from what their listener was notified of, which is kept as JSON. */
function savedAccounts() {
  const streams = new Map<string, string>();
  const accounts = new Map<string, string>();
  const settings = {
    limits: limitsOf(false),
    delays: { createMs: 100, updateMs: 100, deleteMs: 100, consumerMs: 100 },
    onDemandScaling: true,
    memoryMaxBytes: 2 ** 20,
  };
  const listener = {
    streamChanged: (state: Readonly<StreamState>) => streams.set(state.id, JSON.stringify(state)),
    streamDeleted: (state: Readonly<StreamState>) => streams.delete(state.id),
    accountChanged: (state: Readonly<AccountState>) => accounts.set(state.region, JSON.stringify(state)),
  };
  const parse = <T>(texts: Map<string, string>) => [...texts.values()].map((text): T => JSON.parse(text));
  const again = () => new Accounts(settings, { accounts: parse(accounts), streams: parse(streams) });
  return { accounts: new Accounts({ ...settings, listener }), again, streams };
}

function create(accounts: Accounts, name: string, mode: 'PROVISIONED' | 'ON_DEMAND' = 'PROVISIONED'): Stream {
  const stream = { name, mode, shardCount: 4, maxRecordSizeInKiB: 1024, tags: { team: 'a' } };
  return accounts.createStream(CALLER, stream, NOW);
}

function shownAt(accounts: Accounts, now: number) {
  return accounts.streams(CALLER, now).map((stream) => ({
    state: JSON.parse(JSON.stringify(stream.state)),
    status: stream.status,
    open: stream.openShards.map(({ id }) => id),
    shards: stream.shards.map((shard) => [shard.id, shard.startingSequenceNumber, shard.endingSequenceNumber]),
  }));
}

test('accounts restored from what their listener was notified of behave as before, even amid changes', () => {
  const { accounts, again } = savedAccounts();
  const resharded = create(accounts, 'resharded');
  const retained = create(accounts, 'retained');
  const deleted = create(accounts, 'deleted');
  create(accounts, 'on-demand', 'ON_DEMAND');
  accounts.updateAccount(CALLER, (account) => {
    account.billingCommitment = { startedAtMs: NOW };
  });
  for (const stream of [resharded, retained, deleted]) stream.settle(NOW + 100);
  resharded.beginUpdate({ reshard: [{ type: 'split', shard: 1, at: String(2n ** 126n + 5n) }] }, NOW + 200);
  resharded.settle(NOW + 300);
  resharded.beginUpdate({ reshard: [{ type: 'merge', shards: [2, 3] }] }, NOW + HOUR_MS);
  retained.changeRetention(48, NOW + HOUR_MS);
  accounts.deleteStream(deleted, NOW + HOUR_MS);
  const after = again();
  for (const later of [0, 99, 100, 23 * HOUR_MS + 301, 24 * HOUR_MS + 101, 1000 * HOUR_MS]) {
    const now = NOW + HOUR_MS + later;
    expect(shownAt(after, now)).toEqual(shownAt(accounts, now));
  }
  expect(after.account(CALLER)).toEqual({ ...CALLER, billingCommitment: { startedAtMs: NOW } });
});

test('the listener is notified that a stream is gone when a request looks for it', () => {
  const { accounts, streams } = savedAccounts();
  const stream = create(accounts, 's');
  stream.settle(NOW + 100);
  accounts.deleteStream(stream, NOW + 100);
  expect(streams.size).toBe(1);
  expect(() => accounts.stream(CALLER, { StreamName: 's' }, NOW + 200)).toThrow('not found');
  expect(streams.size).toBe(0);
});
