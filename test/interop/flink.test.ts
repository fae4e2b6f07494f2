import { expect, test } from 'vitest';
import { type Batch, isAllConsumed } from './support/consumed.js';
import { Producer } from './support/producer.js';
import { Programs } from './support/programs.js';
import { isClosed, Resharding } from './support/resharding.js';
import { clientEnv, javaClassPath } from './support/tools.js';
import { serve } from './support/transports.js';
import { untilTestEnds } from './support/until-test-ends.js';

/** One record. */
interface Line extends Batch {
  readonly shard: string;
}

const ACCOUNT = '111122223333';
const JVM = [
  ...['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  // As Flink's own scripts open them for Java 17.
  ...['java.lang', 'java.util', 'java.time'].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
];

test('Flink’s KinesisStreamsSource follows a stream through splits, merges and counts', async () => {
  const served = untilTestEnds(await serve('--stream', 'orders:4', '--account', ACCOUNT, '--update-delay', '200ms'));
  const programs = untilTestEnds(new Programs<Line>());
  const producer = untilTestEnds(new Producer(served.plain, 'orders', 200, clientEnv(ACCOUNT)));
  using resharding = new Resharding(served.plain, 'orders', ACCOUNT);
  programs.start('flink', 'java', [...JVM, '-cp', javaClassPath('flink'), 'kload.interop.flink.Main'], {
    ...clientEnv(ACCOUNT),
    KLOAD_ENDPOINT: served.plain,
    KLOAD_STREAM_ARN: `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/orders`,
  });
  /** Also of the shards that have just been made. */
  const readsAllOpen = async () => {
    const open = (await resharding.shards()).filter((shard) => !isClosed(shard));
    const isRead = (lines: readonly Line[]) =>
      open.every(({ ShardId }) => lines.some(({ shard }) => shard === ShardId));
    await programs.until('all open shards are read', isRead);
  };

  await readsAllOpen();
  await resharding.split(1);
  await readsAllOpen();
  await resharding.merge(3);
  await readsAllOpen();
  await resharding.scale(3);
  await readsAllOpen();
  const produced = await producer.stop();
  await programs.until('all is read', (lines) => isAllConsumed(lines, produced));

  const read = programs.lines.flatMap(({ records = [] }) => records.map(({ key, n }) => `${key} ${n}`));
  const sent = [...produced].flatMap(([key, count]) => Array.from({ length: count }, (_, n) => `${key} ${n}`));
  expect(read.sort()).toEqual(sent.sort());
});
