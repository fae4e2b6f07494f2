import { expect, test } from 'vitest';
import { type Batch, expectEachInOrder, isAllConsumed } from './support/consumed.js';
import { type Item, startTables } from './support/moto.js';
import { Producer } from './support/producer.js';
import { Programs } from './support/programs.js';
import { isClosed, Resharding } from './support/resharding.js';
import { clientEnv, javaClassPath } from './support/tools.js';
import { serve } from './support/transports.js';
import { untilTestEnds } from './support/until-test-ends.js';

/** A batch, or that a worker has read a shard to its end. */
interface Line extends Batch {
  readonly application: string;
  readonly worker: string;
  readonly shard: string;
  readonly ended?: true;
}

const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const LOG = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
/** The two ways of the KCL to read, each as an application with leases of its own. */
const APPLICATIONS = ['polling', 'fan-out'];
const ACCOUNT = '111122223333';

/** What has to hold of the lines of both applications. */
const ofEach = (holds: (lines: readonly Line[]) => boolean) => (lines: readonly Line[]) =>
  APPLICATIONS.every((name) => holds(lines.filter(({ application }) => application === name)));

const readBy = (name: string) => ofEach((lines) => lines.some(({ worker, records }) => worker === name && records));

const ended = (shards: readonly string[]) =>
  ofEach((lines) => shards.every((id) => lines.some((line) => line.shard === id && line.ended)));

const TIMEOUT_MS = 400_000;

test('the KCL follows splits, merges and counts with two workers, and with one when the other is killed', {
  timeout: TIMEOUT_MS,
}, async () => {
  const served = untilTestEnds(await serve('--stream', 'orders:4', '--account', ACCOUNT, '--update-delay', '200ms'));
  const tables = untilTestEnds(await startTables(ACCOUNT));
  const programs = untilTestEnds(new Programs<Line>());
  const env = {
    ...clientEnv(ACCOUNT),
    KLOAD_ENDPOINT: served.plain,
    KLOAD_TABLES: tables.endpoint,
    KLOAD_STREAM: 'orders',
  };
  const startWorker = (name: string) =>
    programs.start(name, 'java', [...JVM, ...LOG, '-cp', javaClassPath('kcl'), 'kload.interop.kcl.Main', name], env);
  startWorker('a');
  const producer = untilTestEnds(new Producer(served.plain, 'orders', 200, clientEnv(ACCOUNT)));
  using resharding = new Resharding(served.plain, 'orders', ACCOUNT);

  // Two workers that are an application's first at the same moment get into each other's way.
  await programs.until('a reads', readBy('a'));
  startWorker('b');
  await programs.until('b reads', readBy('b'));
  const untilEnded = (shards: readonly string[]) => programs.until(`${shards} are read to their ends`, ended(shards));
  await untilEnded(await resharding.split(1));
  await untilEnded(await resharding.merge(3));
  await untilEnded(await resharding.scale(3));
  programs.kill('a');
  await untilEnded(await resharding.scale(5));
  const produced = await producer.stop();
  await programs.until(
    'all is read',
    ofEach((lines) => isAllConsumed(lines, produced)),
  );

  const shards = await resharding.shards();
  for (const application of APPLICATIONS) {
    const lines = programs.lines.filter((line) => line.application === application);
    expectEachInOrder(lines, produced);
    const leases = (await tables.scan(application)).filter(({ leaseKey }) => leaseKey?.S?.startsWith('shardId-'));
    const byShard = (a: { shard: string | undefined }, b: { shard: string | undefined }) =>
      a.shard! < b.shard! ? -1 : 1;
    expect(leases.map(told).sort(byShard)).toEqual(
      shards.map((shard) => ({
        shard: shard.ShardId,
        parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter((id) => id !== undefined).sort(),
        isEnded: isClosed(shard),
        // A lease whose shard has ended belongs to nobody.
        owner: isClosed(shard) ? undefined : 'b',
      })),
    );
  }
});

function told({ leaseKey, parentShardId, checkpoint, leaseOwner }: Item) {
  return {
    shard: leaseKey?.S,
    parents: [...(parentShardId?.SS ?? [])].sort(),
    isEnded: checkpoint?.S === 'SHARD_END',
    owner: checkpoint?.S === 'SHARD_END' ? undefined : leaseOwner?.S,
  };
}
