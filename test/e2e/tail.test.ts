import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, request as requestOf } from 'node:http';
import type { AddressInfo } from 'node:net';
import { constants, gunzipSync } from 'node:zlib';
import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListStreamConsumersCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { startEmulator as startEmulatorHere } from '../../src/emulator/emulator.js';
import { ownAddress } from '../support/address.js';
import { folder, type Kload, kload, startEmulator, startKload } from '../support/kload.js';
import { clientOf, readStream } from '../support/stream.js';

const at = (endpoint: string) => ['--region', 'us-east-1', '--endpoint-url', endpoint];

/** Resolves when standard error holds something that matches. */
async function told(running: Kload, pattern: RegExp): Promise<void> {
  let text = '';
  const gather = (chunk: string) => {
    text += chunk;
  };
  running.child.stderr.on('data', gather);
  try {
    while (!pattern.test(text)) {
      const ended = await Promise.race([once(running.child.stderr, 'data').then(() => undefined), running.ended]);
      if (ended !== undefined) throw new Error(`kload ended before it told ${pattern}:\n${text}`);
    }
  } finally {
    running.child.stderr.off('data', gather);
  }
}

interface Line {
  readonly partitionKey: string;
  readonly data?: string;
  readonly dataBase64?: string;
  readonly shardId: string;
}

function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** Puts numbered records of some keys until told to stop; each is there once. */
class Writer {
  count = 0;
  readonly #client: KinesisClient;
  readonly #stream: string;

  constructor(client: KinesisClient, stream: string) {
    this.#client = client;
    this.#stream = stream;
  }

  async put(records: number): Promise<void> {
    for (const end = this.count + records; this.count < end; ) {
      const batch = Array.from({ length: Math.min(50, end - this.count) }, (_, n) => this.count + n);
      const answer = await this.#client.send(
        new PutRecordsCommand({
          StreamName: this.#stream,
          Records: batch.map((n) => ({ PartitionKey: `key-${n % 20}`, Data: Buffer.from(String(n)) })),
        }),
      );
      if (answer.FailedRecordCount) throw new Error('a record was not taken');
      this.count += batch.length;
    }
  }
}

async function write3000WhileResharding(client: KinesisClient): Promise<void> {
  const stream = { StreamName: 's' };
  const writer = new Writer(client, 's');
  await writer.put(500);
  const quarter = (2n ** 126n).toString();
  await client.send(
    new SplitShardCommand({ ...stream, ShardToSplit: 'shardId-000000000000', NewStartingHashKey: quarter }),
  );
  await writer.put(500);
  const merged = { ShardToMerge: 'shardId-000000000003', AdjacentShardToMerge: 'shardId-000000000001' };
  await client.send(new MergeShardsCommand({ ...stream, ...merged }));
  await writer.put(1000);
  await client.send(new UpdateShardCountCommand({ ...stream, TargetShardCount: 4, ScalingType: 'UNIFORM_SCALING' }));
  await writer.put(1000);
}

/** An emulator that lacks operations, as others do; it speaks HTTP/1.1 alone. */
async function withoutOperations(endpoint: string, missing: RegExp) {
  const { port } = new URL(endpoint);
  const server = createServer((request, response) => {
    if (missing.test(String(request.headers['x-amz-target']))) {
      request.resume();
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end('{"__type":"UnknownOperationException"}');
      return;
    }
    const { method, url, headers } = request;
    const passedOn = requestOf({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passedOn);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function checkComplete(lines: readonly Line[], count: number): void {
  expect(lines.map(({ data }) => Number(data)).sort((a, b) => a - b)).toEqual(
    Array.from({ length: count }, (_, n) => n),
  );
  const last = new Map<string, number>();
  for (const { partitionKey, data } of lines) {
    expect(Number(data)).toBeGreaterThan(last.get(partitionKey) ?? -1);
    last.set(partitionKey, Number(data));
  }
}

describe('kload tail', () => {
  it('writes what kload run sends again, record by record', async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 'one:4', '--stream', 'two:2', '--limits', 'off');
    const data = ['plain', '{"a":"ü \\" \\n"}', 'two\nlines', ' ', '日本', '\u0000'];
    const rows = Array.from({ length: 500 }, (_, n) => JSON.stringify({ k: `key-${n % 9}`, d: `${data[n % 6]}${n}` }));
    writeFileSync(dir.path('in.ndjson'), rows.join('\n'));
    const fields = ['--partition-key-field', '.k', '--data-field', '.d'];
    const target = (stream: string) => ['--stream', stream, ...at(emulator.endpoint), '--quiet'];
    expect((await kload(['run', dir.path('in.ndjson'), ...fields, ...target('one')])).code).toBe(0);

    const copy = dir.path('copy.ndjson');
    const read = await kload(['tail', 'one', ...at(emulator.endpoint), '--no-follow', '--output', copy]);
    expect(read).toMatchObject({ code: 0, stdout: '' });
    expect(read.stderr).toMatch(/500 records \([\d.]+ kB\) from 4 shards in .*, caught up\n$/);
    const times = readFileSync(copy, 'utf8').match(/"timestamp":"[^"]+"/g)!;
    expect(times).toEqual([...times].sort());

    expect((await kload(['run', copy, '--respect-timing', ...target('two')])).code).toBe(0);
    const sortedOf = async (stream: string) =>
      (await readStream(emulator.endpoint, stream)).map(({ key, data }) => `${key} ${data.toString('hex')}`).sort();
    expect(await sortedOf('two')).toEqual(await sortedOf('one'));
  });

  it('follows a stream through splits, merges and UpdateShardCount, each record once and each key in order', {
    tags: 'long',
  }, async () => {
    await using emulator = await startEmulator('--stream', 's:2', '--limits', 'off');
    const client = clientOf(emulator.endpoint);
    await using tail = startKload(['tail', 's', ...at(emulator.endpoint), '--format', 'ndjson', '--count', '3000']);
    await told(tail, /2 shards of s at /);
    await write3000WhileResharding(client);
    client.destroy();
    const { code, stdout, stderr } = await tail.ended;
    expect({ code, stderr: stderr.split('\n').slice(1, 3) }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(/shard 0 was split into 2 and 3/);
    checkComplete(linesOf(stdout), 3000);

    // The same from the beginning, when all of it is history.
    const again = await kload(['tail', 's', ...at(emulator.endpoint), '--format', 'ndjson', '--no-follow']);
    checkComplete(linesOf(again.stdout), 3000);
  });

  it('has the same pushed with --fan-out, to a consumer that is gone afterwards', { tags: 'long' }, async () => {
    await using emulator = await startEmulator('--stream', 's:2', '--limits', 'off');
    const client = clientOf(emulator.endpoint);
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName: 's' }));
    const StreamARN = StreamDescriptionSummary?.StreamARN;
    const consumers = async () => (await client.send(new ListStreamConsumersCommand({ StreamARN }))).Consumers ?? [];
    const args = ['tail', 's', ...at(emulator.endpoint), '--fan-out', '--format', 'ndjson', '--count', '3000'];
    await using tail = startKload(args);
    await told(tail, /2 shards of s at .* from latest, pushed to kload-tail-\w+\n/);
    expect(await consumers()).toMatchObject([{ ConsumerName: expect.stringMatching(/^kload-tail-/) }]);
    await write3000WhileResharding(client);
    const { code, stdout, stderr } = await tail.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/shard 0 was split into 2 and 3/);
    checkComplete(linesOf(stdout), 3000);
    expect(await consumers()).toEqual([]);
    client.destroy();
  });

  it('with --fan-out waits for no shard that has nothing, however late its first event comes', async () => {
    await using emulator = await startEmulatorHere({
      streams: [{ name: 's', shards: 8 }],
      subscriptions: { heartbeatMs: 3_600_000 },
    });
    const client = clientOf(emulator.endpoint);
    const Records = [1, 2, 3].map((n) => ({ PartitionKey: 'one', Data: Buffer.from(String(n)) }));
    await client.send(new PutRecordsCommand({ StreamName: 's', Records }));
    client.destroy();
    const args = ['--fan-out', '--from', 'trim-horizon', '--count', '3', '--format', 'raw'];
    expect(await kload(['tail', 's', ...at(emulator.endpoint), ...args])).toMatchObject({
      code: 0,
      stdout: '1\n2\n3\n',
    });
  });

  it('from latest reads what comes from then on; Ctrl-C is its end', async () => {
    await using emulator = await startEmulator('--stream', 's:2');
    const client = clientOf(emulator.endpoint);
    const writer = new Writer(client, 's');
    await writer.put(10);
    await using tail = startKload(['tail', 's', ...at(emulator.endpoint)]);
    await told(tail, /kload tail: 2 shards of s at http:\S+, from latest\n/);
    await writer.put(2);
    client.destroy();
    await tail.printed(/ {2}key-10 +10\n/);
    await tail.printed(/ {2}key-11 +11\n/);
    tail.child.kill('SIGINT');
    const { code, stdout, stderr } = await tail.ended;
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .sort()
        .map((line) => line.split(/ +/).slice(1)),
    ).toEqual(
      expect.arrayContaining([expect.arrayContaining(['key-10', '10']), expect.arrayContaining(['key-11', '11'])]),
    );
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).toMatch(/\nkload tail: 2 records \(16 B\) from 2 shards in .*, caught up\n$/);
  });

  it('that was to end elsewhere is interrupted by Ctrl-C', async () => {
    await using emulator = await startEmulator('--stream', 's:1');
    await using tail = startKload(['tail', 's', ...at(emulator.endpoint), '--count', '5']);
    await told(tail, /1 shard of s/);
    tail.child.kill('SIGINT');
    expect((await tail.ended).code).toBe(130);
  });

  it('reads from a sequence number, between times, and one shard alone', { tags: 'long' }, async () => {
    await using emulator = await startEmulator('--stream', 's:2');
    const client = clientOf(emulator.endpoint);
    const writer = new Writer(client, 's');
    await writer.put(40);
    client.destroy();
    const tail = async (...args: string[]) =>
      linesOf((await kload(['tail', 's', ...at(emulator.endpoint), '--format', 'ndjson', ...args])).stdout);
    const one = await tail('--no-follow', '--shard', '1');
    expect(one.length).toBeGreaterThan(0);
    expect(new Set(one.map(({ shardId }) => shardId))).toEqual(new Set(['shardId-000000000001']));
    const third = one[2] as Line & { sequenceNumber: string };
    expect(await tail('--no-follow', '--shard', '1', '--from', third.sequenceNumber)).toEqual(one.slice(2));
    expect(await tail('--no-follow', '--from', '-1h')).toHaveLength(40);
    const past = await kload(['tail', 's', ...at(emulator.endpoint), '--until', '-1h']);
    expect(past).toMatchObject({ stdout: '', stderr: expect.stringContaining('kload tail: 2 shards of s at') });
    expect(await tail('--from', 'trim-horizon', '--count', '7')).toHaveLength(7);
    expect(await tail('--from', '-1m', '--duration', '2s')).toHaveLength(40);
  });

  it('ends quietly when nobody reads it any more', async () => {
    await using emulator = await startEmulator('--stream', 's:1', '--limits', 'off');
    const client = clientOf(emulator.endpoint);
    const writer = new Writer(client, 's');
    await writer.put(1000);
    await using tail = startKload(['tail', 's', ...at(emulator.endpoint), '--from', 'trim-horizon', '--quiet']);
    await tail.printed(/\n/);
    tail.child.stdout.destroy();
    await writer.put(5000);
    client.destroy();
    const { code, stderr } = await tail.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('waits for a stream that went away, and ends when it stays away', { tags: 'long' }, async () => {
    await using emulator = await startEmulator('--host', ownAddress(), '--stream', 's:1');
    await using tail = startKload(['tail', 's', ...at(emulator.endpoint), '--target-timeout', '2s']);
    await told(tail, /1 shard of s/);
    emulator.child.kill('SIGKILL');
    const { code, stderr } = await tail.ended;
    expect(code).toBe(4);
    expect(stderr).toMatch(/no response \(\w+\), trying again\n/);
    expect(stderr).toMatch(/kload: http:\S+ \(region us-east-1\) cannot be reached \(\w+\)\n +is it running\?/);
  });
});

describe('kload tail tells in one line', () => {
  it('what is wrong with stream, shard, endpoint or output', { tags: 'long' }, async () => {
    await using emulator = await startEmulator('--stream', 's:1');
    const lineOf = async (...args: string[]) => {
      const { code, stderr, stdout } = await kload(['tail', ...args]);
      expect(stdout).toBe('');
      return `${code} ${stderr}`;
    };
    const there = at(emulator.endpoint);
    expect(await lineOf('none', ...there)).toMatch(
      /^4 kload: there is no stream 'none' at http:\S+.*\n +check its name/,
    );
    expect(await lineOf('s', ...there, '--shard', '7')).toMatch(
      /^4 kload: the stream has no shard shardId-000000000007\n/,
    );
    expect(await lineOf('s', ...at('http://127.0.0.1:1'))).toMatch(
      /^4 kload: http:\S+ .*cannot be reached \(ECONNREFUSED\)/,
    );
    expect(await lineOf('s', '--endpoint-url', emulator.endpoint)).toMatch(
      /^2 kload: no AWS region is set\n +pass --region/,
    );
    expect(await lineOf('s', ...there, '--output', '/nonexistent/x')).toMatch(
      /^6 kload: --output \/nonexistent\/x cannot/,
    );
    expect(await lineOf('s', '--region', 'us-east-1')).toMatch(/^4 kload: no AWS credentials: /);
    expect(await lineOf(...there)).toMatch(/^2 kload: no stream or topic to read/);
    expect(await lineOf('s', ...there, '--from', 'soon')).toMatch(/^2 kload: --from takes latest, /);
  });

  it('that an emulator has no enhanced fan-out', async () => {
    await using emulator = await startEmulator('--stream', 's:1');
    using lacking = await withoutOperations(emulator.endpoint, /StreamConsumer$|SubscribeToShard$/);
    const { code, stdout, stderr } = await kload(['tail', 's', ...at(lacking.endpoint), '--fan-out']);
    expect(stderr).toBe(
      `kload: ${lacking.endpoint} (region us-east-1) has no enhanced fan-out: UnknownOperationException\n` +
        '       leave out --fan-out to poll for records\n',
    );
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect((await kload(['tail', 's', ...at(lacking.endpoint), '--no-follow'])).code).toBe(0);
  });
});

describe('kload record', () => {
  it('writes a file that is sent again, and never over another one unasked', { tags: 'long' }, async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 'one:2', '--stream', 'two:2');
    await new Writer(clientOf(emulator.endpoint), 'one').put(300);
    const recording = dir.path('one.ndjson.gz');
    const record = ['record', 'one', ...at(emulator.endpoint), '--no-follow', '--output', recording];
    const first = await kload(record);
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(first.stderr).toMatch(/^kload record: 2 shards of one at .*\nkload record: 300 records .*, caught up\n$/);
    const bytes = readFileSync(recording);
    checkComplete(linesOf(gunzipSync(bytes).toString()), 300);
    expect(await kload(record)).toMatchObject({ code: 6, stderr: expect.stringContaining('already exists') });
    expect(readFileSync(recording)).toEqual(bytes);
    expect((await kload([...record, '--count', '10', '--force'])).code).toBe(0);
    expect(linesOf(gunzipSync(readFileSync(recording)).toString())).toHaveLength(10);
    expect((await kload(['run', recording, '--stream', 'two', ...at(emulator.endpoint), '--quiet'])).code).toBe(0);
    expect(await readStream(emulator.endpoint, 'two')).toHaveLength(10);
  });

  it('has on disk what came before it was stopped', { tags: 'long' }, async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 's:1');
    const recording = dir.path('s.ndjson.gz');
    await using running = startKload(['record', 's', ...at(emulator.endpoint), '--output', recording]);
    await told(running, /1 shard of s at /);
    await new Writer(clientOf(emulator.endpoint), 's').put(50);
    // What is flushed can be read while it goes on.
    const soFar = () => gunzipSync(readFileSync(recording), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
    await expect.poll(() => linesOf(soFar()).length, { timeout: 20_000 }).toBe(50);
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(0);
    checkComplete(linesOf(gunzipSync(readFileSync(recording)).toString()), 50);
  });
});
