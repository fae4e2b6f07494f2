import { expect, it } from 'vitest';
import { KinesisTarget } from '../../../src/kinesis/target.js';
import { leavesDoubt } from '../../../src/send/doubt.js';
import type { SendResult } from '../../../src/target/target.js';
import { DAMAGE_SEED, DAMAGED_RESPONSES, Damager, encoded, rawOf, type Wire } from '../../support/damage.js';
import { randomFrom } from '../../support/random.js';
import { BATCH, connectionTo, oddServer } from '../support/odd-server.js';

const RECORDS = Array.from({ length: 8 }, () => BATCH[0]!);
const WAYS = DAMAGED_RESPONSES * 5;

/** The indexes of the records of one request that the service stored. */
type Stored = ReadonlySet<number>;

it.each<Wire>(['json', 'cbor'])(
  'a damaged response in %s never makes a refused record count as sent, or a stored one as refused',
  async (wire) => {
    const random = randomFrom(DAMAGE_SEED);
    const draw = (n: number) => Math.floor(random() * n);
    const damager = new Damager(wire, DAMAGE_SEED);
    let stored: Stored = new Set();
    await using server = await oddServer(({ socket }) => {
      stored = new Set(RECORDS.map((_, index) => index).filter(() => draw(3) > 0));
      socket.end(damager.damaged({ status: '200 OK', body: encoded(resultsOf(stored), wire) }));
    });
    const target = new KinesisTarget(connectionTo(server.endpoint), wire);
    const verdicts = { believed: 0, doubted: 0 };
    for (let way = 1; way <= WAYS; way++) {
      stored = new Set();
      const result = await target.send(RECORDS, () => {});
      const faults = RECORDS.map((_, index) => faultOf(result, index, stored.has(index))).filter(Boolean);
      expect(faults, `way ${way} of seed ${DAMAGE_SEED}: ${damager.what}`).toEqual([]);
      if (result.refusal === undefined) verdicts.believed++;
      else verdicts.doubted++;
    }
    target.close();
    // Flips within sequence numbers and messages are believed. Nearly all other damage is not.
    expect(verdicts.believed).toBeGreaterThan(WAYS / 50);
    expect(verdicts.doubted).toBeGreaterThan(WAYS / 2);
  },
  600_000,
);

it.each<Wire>(['json', 'cbor'])('a whole response in %s is believed', async (wire) => {
  const stored = new Set([0, 3, 4, 7]);
  await using server = await oddServer(({ socket }) => {
    socket.write(rawOf({ status: '200 OK', body: encoded(resultsOf(stored), wire) }, wire));
  });
  const target = new KinesisTarget(connectionTo(server.endpoint), wire);
  const { refusal, failures } = await target.send(RECORDS, () => {});
  target.close();
  expect({ refusal, refused: failures.map(({ index }) => index) }).toEqual({
    refusal: undefined,
    refused: [1, 2, 5, 6],
  });
});

function resultsOf(stored: Stored) {
  const Records = RECORDS.map((_, index) =>
    stored.has(index)
      ? { SequenceNumber: `4959${index}`.padEnd(56, '7'), ShardId: `shardId-00000000000${index}` }
      : { ErrorCode: 'InternalFailure', ErrorMessage: 'Internal service failure.' },
  );
  return { FailedRecordCount: RECORDS.length - stored.size, Records };
}

/** How the target's result contradicts a record's true state; undefined: it does not. */
function faultOf({ refusal, failures, offered }: SendResult, index: number, isStored: boolean): string | undefined {
  const failure = refusal ?? failures.find((one) => one.index === index);
  if (failure === undefined) return isStored ? undefined : `${index} counts as sent, and was refused`;
  const leftDoubt = offered && leavesDoubt(failure);
  return isStored && !leftDoubt ? `${index} counts as refused (${failure.code}), and was stored` : undefined;
}
