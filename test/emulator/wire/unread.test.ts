import { EventEmitter } from 'node:events';
import { array, asyncProperty, assert as check, constantFrom, nat, record } from 'fast-check';
import { expect, test } from 'vitest';
import { type Connection, Unread } from '../../../src/emulator/wire/unread.js';

class Client extends EventEmitter implements Connection {
  destroyed = false;
  isReading = true;
  readonly releases: (() => void)[] = [];

  destroy(): void {
    this.destroyed = true;
  }

  /** Like sockets, closes some time after it was destroyed. */
  close(): void {
    this.destroyed = true;
    this.emit('close');
  }

  pause(): void {
    this.isReading = false;
  }

  resume(): void {
    this.isReading = true;
  }
}

const KIB = 1024;
const MAX = 256 * KIB;
const CONNECTION_MAX = 64 * KIB;
/** Counted for each response besides its bytes. */
const OVERHEAD = 8 * KIB;
const RESPONSE_MAX = 64 * KIB;

test('unread responses are bounded on each connection and together; requests begin or are dropped', async () => {
  const step = record({
    client: nat(7),
    what: constantFrom('request', 'request', 'request', 'read', 'end', 'close'),
    bytes: nat(RESPONSE_MAX),
  });
  await check(
    asyncProperty(array(step, { maxLength: 300 }), async (steps) => {
      const unread = new Unread(MAX, CONNECTION_MAX, () => {});
      const all: Client[] = [];
      const clients = Array.from({ length: 8 }, newClient);
      const asked: number[] = [];
      const done: number[] = [];
      for (const { client: i, what, bytes } of steps) {
        const client = clients[i]!;
        if (what === 'request') request(client, bytes);
        else if (what === 'read') client.releases.shift()?.();
        else if (what === 'end') client.destroy();
        else if (client.destroyed) {
          client.close();
          clients[i] = newClient();
        }
        expect(unread.bytes).toBeLessThanOrEqual(MAX + RESPONSE_MAX + OVERHEAD);
      }
      // Each response that is left is read, or its client closes.
      for (const client of clients) if (client.destroyed) client.close();
      while (clients.some(({ destroyed, releases }) => !destroyed && releases.length > 0)) {
        for (const client of clients) client.releases.shift()?.();
        for (const client of clients) if (client.destroyed) client.close();
      }
      expect(unread.bytes).toBe(0);
      expect(done.sort((a, b) => a - b)).toEqual(asked);
      expect(all.map((client) => client.listenerCount('close'))).toEqual(all.map(() => 0));
      expect(all.every(({ isReading, destroyed }) => isReading || destroyed)).toBe(true);

      function newClient(): Client {
        const client = new Client();
        all.push(client);
        return client;
      }

      function request(client: Client, bytes: number): void {
        const id = asked.length;
        asked.push(id);
        const begin = () => {
          expect(client.destroyed).toBe(false);
          expect(unread.bytes).toBeLessThanOrEqual(MAX);
          done.push(id);
          client.releases.push(unread.hold(client, bytes));
        };
        unread.whenRoom(client, begin, () => done.push(id));
      }
    }),
  );
});

test('requests wait on a connection with too many unread bytes, but not on others', () => {
  const unread = new Unread(MAX, CONNECTION_MAX, () => {});
  const [greedy, other] = [new Client(), new Client()];
  const begun: string[] = [];
  const read = unread.hold(greedy, CONNECTION_MAX);
  for (const name of ['first', 'second']) unread.whenRoom(greedy, () => begun.push(name), expect.unreachable);
  unread.whenRoom(other, () => begun.push('other'), expect.unreachable);
  expect(begun).toEqual(['other']);
  expect([greedy, other].map(({ isReading }) => isReading)).toEqual([false, true]);
  read();
  expect(begun).toEqual(['other', 'first', 'second']);
  expect(greedy.isReading).toBe(true);
});

test('the connection that has read nothing for the longest time is ended; requests wait for its memory', () => {
  let cuts = 0;
  const unread = new Unread(MAX, CONNECTION_MAX, () => cuts++);
  const [stuck, slow, other] = [new Client(), new Client(), new Client()];
  const read = unread.hold(slow, 60 * KIB);
  unread.hold(stuck, 60 * KIB);
  unread.hold(slow, 60 * KIB);
  read();
  unread.hold(other, 60 * KIB);
  unread.hold(other, 60 * KIB);
  expect([stuck, slow, other].map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
  expect(cuts).toBe(1);
  let hasBegun = false;
  const begin = () => {
    hasBegun = true;
  };
  unread.whenRoom(new Client(), begin, expect.unreachable);
  expect(hasBegun).toBe(false);
  stuck.close();
  expect(hasBegun).toBe(true);
});
