import {
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  type Shard,
  type ShardFilter,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { TestClock } from '../support.js';
import { type ModelFilter, type ModelShard, openShards, Refusal, type ServiceModel } from './service-model.js';

/** Commands that run against the model and the emulator. Each fails if the two do not agree. */

export interface Real {
  readonly client: KinesisClient;
  readonly clock: TestClock;
}

export type Command = fc.AsyncCommand<ServiceModel, Real>;

function command(text: string, run: (model: ServiceModel, real: Real) => Promise<void>): Command {
  return { check: () => true, run, toString: () => text };
}

/** The result of an operation: a value, or the name of an error. */
async function outcome<T>(act: () => T | Promise<T>): Promise<{ value: T } | { refused: string }> {
  try {
    return { value: await act() };
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.message };
    return { refused: (error as Error).name };
  }
}

async function agree(expected: () => unknown, actual: () => Promise<unknown>): Promise<void> {
  const wanted = await outcome(expected);
  expect(await outcome(actual)).toEqual(wanted);
}

const idOf = (index: number) => `shardId-${String(index).padStart(12, '0')}`;
const done = async (sent: Promise<unknown>) => {
  await sent;
};

/** Shards of the model and of the emulator in one form, to compare them. */
const ofModel = (shard: ModelShard) => ({
  id: idOf(shard.index),
  range: [String(shard.start), String(shard.end)],
  parents: shard.parents.map(idOf),
  isOpen: shard.closedAtMs === undefined,
});
const ofReal = ({ ShardId, HashKeyRange, ParentShardId, AdjacentParentShardId, SequenceNumberRange }: Shard) => ({
  id: ShardId,
  range: [HashKeyRange?.StartingHashKey, HashKeyRange?.EndingHashKey],
  parents: [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined),
  isOpen: SequenceNumberRange?.EndingSequenceNumber === undefined,
});

const name = fc.constantFrom('a', 'a', 'a', 'a', 'a', 'a', 'a', 'b');
/** A number that picks one of several things, which are only known when the command runs. */
const pick = fc.nat(1000);
const at = <T>(choices: readonly T[], number: number): T | undefined => choices[number % choices.length];

/** An index of one of the stream's shards, if it has any. */
function someShard(model: ServiceModel, streamName: string, number: number): number {
  const shards = model.names().includes(streamName) ? model.shards(model.stream(streamName)) : [];
  return at(shards, number)?.index ?? number % 5;
}

const create = fc.record({ name, count: fc.integer({ min: 1, max: 6 }) }).map(({ name, count }) =>
  command(`create(${name}, ${count})`, (model, { client }) =>
    agree(
      () => model.create(name, count),
      () => done(client.send(new CreateStreamCommand({ StreamName: name, ShardCount: count }))),
    ),
  ),
);

/** Creates the stream that most commands use. */
export async function createFirst(model: ServiceModel, { client, clock }: Real): Promise<void> {
  model.create('a', 2);
  await client.send(new CreateStreamCommand({ StreamName: 'a', ShardCount: 2 }));
  clock.advance(60_000);
}

const remove = fc.constantFrom('a', 'b', 'b', 'b', 'b').map((name) =>
  command(`delete(${name})`, (model, { client }) =>
    agree(
      () => model.delete(name),
      () => done(client.send(new DeleteStreamCommand({ StreamName: name }))),
    ),
  ),
);

const split = fc.record({ name, pick, part: fc.constantFrom(0n, 1n, 2n, 300n, 500n, 999n, 1000n) }).map((given) =>
  command(`split(${given.name}, ${given.pick}, ${given.part})`, (model, { client }) => {
    const { name, part } = given;
    const index = someShard(model, name, given.pick);
    const known = model.names().includes(name) ? model.shards(model.stream(name)) : [];
    const shard = known.find((candidate) => candidate.index === index) ?? { start: 0n, end: 5000n };
    const key = part < 3n ? shard.start + part : shard.start + ((shard.end - shard.start) * part) / 1000n;
    const input = { StreamName: name, ShardToSplit: idOf(index), NewStartingHashKey: String(key) };
    return agree(
      () => model.split(name, index, key),
      () => done(client.send(new SplitShardCommand(input))),
    );
  }),
);

const merge = fc.record({ name, one: pick, other: pick, isNeighbour: fc.boolean() }).map((given) =>
  command(`merge(${given.name}, ${given.one}, ${given.other}, ${given.isNeighbour})`, (model, { client }) => {
    const { name } = given;
    const open = model.names().includes(name) ? openShards(model.stream(name)) : [];
    const low = given.isNeighbour ? at(open, given.one)?.index : undefined;
    const high = open[open.findIndex(({ index }) => index === low) + 1]?.index;
    const shards = [low ?? someShard(model, name, given.one), high ?? someShard(model, name, given.other)] as const;
    const input = { StreamName: name, ShardToMerge: idOf(shards[0]), AdjacentShardToMerge: idOf(shards[1]) };
    return agree(
      () => model.merge(name, ...shards),
      () => done(client.send(new MergeShardsCommand(input))),
    );
  }),
);

const scale = fc.record({ name, target: fc.integer({ min: 1, max: 9 }) }).map(({ name, target }) =>
  command(`scale(${name}, ${target})`, (model, { client }) => {
    const input = { StreamName: name, TargetShardCount: target, ScalingType: 'UNIFORM_SCALING' } as const;
    return agree(
      () => model.scale(name, target),
      () => done(client.send(new UpdateShardCountCommand(input))),
    );
  }),
);

const hours = fc.constantFrom(23, 24, 24, 25, 48, 48, 8760, 8761);
const retain = fc.record({ name, hours, isLonger: fc.boolean() }).map(({ name, hours, isLonger }) =>
  command(`retain(${name}, ${hours}, ${isLonger})`, (model, { client }) => {
    const input = { StreamName: name, RetentionPeriodHours: hours };
    return agree(
      () => model.retain(name, hours, isLonger ? 1 : -1),
      async () => {
        if (isLonger) await client.send(new IncreaseStreamRetentionPeriodCommand(input));
        else await client.send(new DecreaseStreamRetentionPeriodCommand(input));
      },
    );
  }),
);

const explicit = fc.option(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), { nil: undefined });
const put = fc.record({ name, key: fc.constantFrom('k', 'l', 'm', 'n'), explicit }).map(({ name, key, explicit }) =>
  command(`put(${name}, ${key}, ${explicit})`, async (model, { client }) => {
    const text = `${key}-${explicit}-${model.now}`;
    const record = { StreamName: name, PartitionKey: key, Data: Buffer.from(text) };
    const hashKey = explicit === undefined ? {} : { ExplicitHashKey: String(explicit) };
    const wanted = await outcome(() => model.put(name, key, explicit, text));
    const got = await outcome(() => client.send(new PutRecordCommand({ ...record, ...hashKey })));
    if (!('value' in wanted) || !('value' in got)) {
      expect(got).toEqual(wanted);
      return;
    }
    expect(got.value.ShardId).toBe(idOf(wanted.value.index));
    const sequenceNumber = BigInt(got.value.SequenceNumber!);
    wanted.value.records.at(-1)!.sequenceNumber = sequenceNumber;
    expect(sequenceNumber > (wanted.value.records.at(-2)?.sequenceNumber ?? 0n)).toBe(true);
    for (const parent of model.stream(name).shards.filter(({ index }) => wanted.value.parents.includes(index))) {
      expect(sequenceNumber > (parent.records.at(-1)?.sequenceNumber ?? 0n)).toBe(true);
    }
  }),
);

const iteratorType = fc.constantFrom(
  ...(['TRIM_HORIZON', 'TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'] as const),
  ...(['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'] as const),
);
const agoMs = fc.constantFrom(-1, 0, 1, 1000, 60_000, 3_600_000, 86_400_000, 86_400_001);
const iterate = fc.record({ name, pick, record: pick, type: iteratorType, agoMs }).map((given) =>
  command(`iterate(${given.name}, ${given.pick}, ${given.type}, ${given.record}, ${given.agoMs})`, (model, real) => {
    const index = someShard(model, given.name, given.pick);
    let token = '';
    const target = () => {
      const stream = model.stream(given.name);
      const shard = model.shard(stream, index);
      return { stream, shard, record: given.record % (shard.records.length || 1), isEmpty: shard.records.length === 0 };
    };
    const position = () => {
      const { stream, shard, record, isEmpty } = target();
      if (given.type === 'LATEST') return shard.records.length;
      if (given.type === 'AT_TIMESTAMP') return model.positionAt(stream, shard, model.now - given.agoMs);
      if (given.type === 'TRIM_HORIZON' || isEmpty) return model.oldest(stream, shard);
      return given.type === 'AT_SEQUENCE_NUMBER' ? record : record + 1;
    };
    return agree(
      () => {
        model.iterators.push({ ...target(), position: position(), issuedAtMs: model.now, token: '' });
      },
      async () => {
        token = await realIterator(model, real, given, index, given.type);
        model.iterators.push({ ...model.iterators.pop()!, token });
      },
    );
  }),
);

/** Gets an iterator from the emulator. If the shard has no record with a sequence number, it starts at the horizon. */
async function realIterator(
  model: ServiceModel,
  { client }: Real,
  given: { readonly name: string; readonly record: number; readonly agoMs: number },
  index: number,
  type: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP' | 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER',
): Promise<string> {
  const stream = model.names().includes(given.name) ? model.stream(given.name) : undefined;
  const records = stream?.shards.find((shard) => shard.index === index)?.records ?? [];
  const number = at(records, given.record)?.sequenceNumber;
  const isNumbered = type.endsWith('NUMBER');
  const input = {
    StreamName: given.name,
    ShardId: idOf(index),
    ShardIteratorType: isNumbered && number === undefined ? 'TRIM_HORIZON' : type,
    ...(isNumbered && number !== undefined ? { StartingSequenceNumber: String(number) } : {}),
    ...(type === 'AT_TIMESTAMP' ? { Timestamp: new Date(model.now - given.agoMs) } : {}),
  };
  return (await client.send(new GetShardIteratorCommand(input))).ShardIterator!;
}

const read = fc.record({ pick, limit: fc.constantFrom(1, 2, 5, 10_000) }).map(({ pick, limit }) =>
  command(`read(${pick}, ${limit})`, async (model, { client }) => {
    // Mostly one of the latest, since the others have expired.
    const iterator = at(model.iterators.slice(pick % 5 === 0 ? 0 : -4), pick);
    if (iterator === undefined) return;
    const wanted = await outcome(() => model.read(iterator, limit));
    const got = await outcome(() =>
      client.send(new GetRecordsCommand({ ShardIterator: iterator.token, Limit: limit })),
    );
    if (!('value' in wanted) || !('value' in got)) {
      expect(got).toEqual(wanted);
      return;
    }
    const { Records = [], NextShardIterator, MillisBehindLatest, ChildShards } = got.value;
    expect(Records.map(({ Data }) => Buffer.from(Data!).toString())).toEqual(wanted.value.texts);
    expect(MillisBehindLatest).toBe(wanted.value.millisBehindLatest);
    expect(ChildShards?.map(({ ShardId }) => ShardId)).toEqual(wanted.value.children?.map(idOf));
    expect(NextShardIterator === undefined).toBe(wanted.value.children !== undefined);
    if (NextShardIterator === undefined) return;
    const { next } = wanted.value;
    model.iterators.push({ ...iterator, position: next, issuedAtMs: model.now, token: NextShardIterator });
  }),
);

const filterType = fc.constantFrom(
  ...(['FROM_TRIM_HORIZON', 'AT_TRIM_HORIZON', 'AT_LATEST'] as const),
  ...(['AT_TIMESTAMP', 'FROM_TIMESTAMP', 'AFTER_SHARD_ID'] as const),
);
const list = fc.record({ name, type: filterType, pick, agoMs, pageSize: fc.integer({ min: 1, max: 8 }) }).map((given) =>
  command(
    `list(${given.name}, ${given.type}, ${given.pick}, ${given.agoMs}, ${given.pageSize})`,
    (model, { client }) => {
      const { name, type } = given;
      const shard = someShard(model, name, given.pick);
      const atMs = Math.min(model.now, model.now - given.agoMs);
      const timed = type === 'AT_TIMESTAMP' || type === 'FROM_TIMESTAMP';
      const filter = { type, ...(timed ? { atMs } : {}), shard } as ModelFilter;
      const ShardFilter: ShardFilter = {
        Type: type,
        ...(timed ? { Timestamp: new Date(atMs) } : {}),
        ...(type === 'AFTER_SHARD_ID' ? { ShardId: idOf(shard) } : {}),
      };
      return agree(
        () => model.list(name, filter).map(ofModel),
        async () => {
          const found: Shard[] = [];
          let page = await client.send(
            new ListShardsCommand({ StreamName: name, ShardFilter, MaxResults: given.pageSize }),
          );
          for (;;) {
            found.push(...page.Shards!);
            if (page.NextToken === undefined) return found.map(ofReal);
            page = await client.send(new ListShardsCommand({ NextToken: page.NextToken, MaxResults: given.pageSize }));
          }
        },
      );
    },
  ),
);

const summarize = name.map((name) =>
  command(`summarize(${name})`, async (model, { client }) => {
    await agree(
      () => model.names(),
      async () => (await client.send(new ListStreamsCommand({}))).StreamNames,
    );
    await agree(
      () => {
        const stream = model.stream(name);
        const { status, retentionHours } = stream;
        return { status, retentionHours, open: status === 'CREATING' ? 0 : openShards(stream).length };
      },
      async () => {
        const response = await client.send(new DescribeStreamSummaryCommand({ StreamName: name }));
        const { StreamStatus, RetentionPeriodHours, OpenShardCount } = response.StreamDescriptionSummary!;
        return { status: StreamStatus, retentionHours: RetentionPeriodHours, open: OpenShardCount };
      },
    );
  }),
);

const steps = fc.constantFrom(
  1,
  500,
  500,
  1000,
  1000,
  60_000,
  60_000,
  70_000,
  301_000,
  80_000_000,
  86_400_000,
  86_400_001,
);
const advance = steps.map((ms) =>
  command(`advance(${ms})`, async (_model, { clock }) => {
    clock.advance(ms);
  }),
);

/** A command that is listed more than once runs more often. */
export const COMMANDS: fc.Arbitrary<Command>[] = [
  ...[create, remove, split, split, merge, merge, scale, retain],
  ...new Array<fc.Arbitrary<Command>>(8).fill(put),
  ...new Array<fc.Arbitrary<Command>>(5).fill(iterate),
  ...new Array<fc.Arbitrary<Command>>(8).fill(read),
  ...[list, list, list, summarize, advance, advance, advance],
];
