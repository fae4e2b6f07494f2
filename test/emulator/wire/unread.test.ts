import { EventEmitter } from 'node:events';
import { array, asyncProperty, assert as check, constantFrom, nat, record } from 'fast-check';
import { expect, test } from 'vitest';
import { type Connection, Unread } from '../../../src/emulator/wire/unread.js';

class Client extends EventEmitter implements Connection {
  isEnded = false;
  readonly releases: (() => void)[] = [];

  destroy(): void {
    this.isEnded = true;
    this.emit('close');
  }
}

const KIB = 1024;
const MAX = 256 * KIB;

test('answers that wait are never more than they may be, and are forgotten once read or ended', async () => {
  const step = record({ client: nat(5), what: constantFrom('hold', 'hold', 'read', 'end'), bytes: nat(64 * KIB) });
  await check(
    asyncProperty(array(step, { maxLength: 200 }), async (steps) => {
      const unread = new Unread(MAX, () => {});
      const clients = Array.from({ length: 6 }, () => new Client());
      for (const { client: i, what, bytes } of steps) {
        const client = clients[i]!;
        if (what === 'hold') client.releases.push(unread.hold(client, bytes));
        else if (what === 'read') client.releases.shift()?.();
        if (what === 'end' || client.isEnded) {
          client.destroy();
          clients[i] = new Client();
        }
        expect(unread.bytes).toBeLessThanOrEqual(MAX);
      }
      for (const client of clients) for (const release of client.releases) release();
      expect(unread.bytes).toBe(0);
      expect(clients.map((client) => client.listenerCount('close'))).toEqual([0, 0, 0, 0, 0, 0]);
    }),
  );
});

test('who has taken nothing for the longest time is ended first', () => {
  let cuts = 0;
  const unread = new Unread(MAX, () => cuts++);
  const [stuck, slow, other] = [new Client(), new Client(), new Client()];
  const read = unread.hold(slow, 60 * KIB);
  unread.hold(stuck, 60 * KIB);
  unread.hold(slow, 60 * KIB);
  read();
  unread.hold(other, 60 * KIB);
  unread.hold(other, 60 * KIB);
  expect([stuck, slow, other].map(({ isEnded }) => isEnded)).toEqual([true, false, false]);
  expect(cuts).toBe(1);
});
