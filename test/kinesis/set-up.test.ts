import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KloadError } from '../../src/core/errors.js';
import { StreamReader } from '../../src/kinesis/read/stream-reader.js';
import { describeStream } from '../../src/kinesis/stream.js';
import { runs } from '../support/runs.js';
import { connectionTo, oddServer, type ReceivedRequest, responseOf } from './support/odd-server.js';

type Respond = (request: ReceivedRequest) => void;

const HASH_KEY_MAX = String(2n ** 128n - 1n);
const SHARD = { ShardId: 'shardId-000000000000', HashKeyRange: { StartingHashKey: '0', EndingHashKey: HASH_KEY_MAX } };
const SUMMARY = { StreamName: 's', StreamARN: 'arn:s', StreamStatus: 'ACTIVE', MaxRecordSizeInKiB: 2048 };

const says =
  (body: unknown, status = '200 OK'): Respond =>
  ({ socket }) =>
    socket.write(responseOf(typeof body === 'string' ? body : JSON.stringify(body), status), 'latin1');
const described = (more: object = {}) => says({ StreamDescriptionSummary: { ...SUMMARY, ...more } });
const listed = (more: object = {}) => says({ Shards: [SHARD], ...more });
const resets: Respond = ({ socket }) => socket.resetAndDestroy();
const throttles = says({ __type: 'LimitExceededException', message: 'Rate exceeded' }, '400 Bad Request');
const fails = says('<html>no</html>', '503 Service Unavailable');
const sendsNonsense = says('<html>hello</html>');

/** Responds to each operation with the given responses in turn, then repeats the last one. */
async function setUp(responses: { describe?: Respond[]; list?: Respond[] }, timeoutMs = 5_000) {
  const left = { describe: [...(responses.describe ?? [described()])], list: [...(responses.list ?? [listed()])] };
  await using server = await oddServer((request) => {
    const queue = request.headers.get('x-amz-target')?.endsWith('.ListShards') ? left.list : left.describe;
    (queue.length > 1 ? queue.shift()! : queue[0]!)(request);
  });
  const waits: string[] = [];
  const connection = connectionTo(server.endpoint, { requestTimeoutMs: timeoutMs });
  const outcome = await describeStream(connection, { timeoutMs, onWait: (text) => waits.push(text) }).then(
    (facts) => ({ facts, error: undefined }),
    (error: unknown) => ({ facts: undefined, error }),
  );
  return { ...outcome, waits, requests: server.requests.length };
}

/** The error message, and the hint on a second line. */
async function messageAfter(
  responses: { describe?: Respond[]; list?: Respond[] },
  timeoutMs?: number,
): Promise<string> {
  const { error } = await setUp(responses, timeoutMs);
  expect(error).toBeInstanceOf(KloadError);
  const { exit, message, hint } = error as KloadError;
  expect(exit).toBe('target');
  expect(message).not.toContain('\n');
  return hint === undefined ? message : `${message}\n${hint}`;
}

describe('describing a stream', () => {
  it('reads its limits and open shards from all pages', async () => {
    const closed = { ...SHARD, ShardId: 'shardId-000000000001', SequenceNumberRange: { EndingSequenceNumber: '1' } };
    const list = [listed({ NextToken: 'a' }), says({ Shards: [closed], NextToken: 'b' }), says({ NextToken: null })];
    const { facts, waits } = await setUp({ list });
    const shards = [{ id: SHARD.ShardId, startingHashKey: 0n, endingHashKey: 2n ** 128n - 1n }];
    expect(facts).toMatchObject({ name: 's', arn: 'arn:s', recordBytesMax: 2 * 1024 * 1024, shards });
    expect(waits).toEqual([]);
  });

  it.each([
    ['a throttle', throttles, 'LimitExceededException: Rate exceeded'],
    ['a 503', fails, 'HTTP 503: '],
    ['a reset', resets, 'no response (ECONNRESET)'],
    ['nonsense', sendsNonsense, 'UnreadableResponse: '],
  ])('retries after %s, and reports the wait once per call', async (_, trouble, what) => {
    const { facts, waits } = await setUp({
      describe: [trouble, trouble, trouble, described()],
      list: [trouble, listed({ NextToken: 'a' }), trouble, listed()],
    });
    expect(facts?.shards).toHaveLength(2);
    expect(waits).toHaveLength(3);
    expect(waits[0]).toContain(`DescribeStreamSummary: ${what}`);
    expect(waits[1]).toContain(`ListShards: ${what}`);
    for (const text of waits) expect(text).toMatch(/^.*; trying again for up to 5s$/);
  });

  it.each([
    ['throttled', throttles, 'refused: LimitExceededException: Rate exceeded\n'],
    ['in trouble', fails, 'refused: HTTP 503: '],
    ['resetting', resets, 'cannot be reached (ECONNRESET)\n'],
    ['silent', () => {}, 'does not respond (ETIMEDOUT)\n'],
  ])('gives up after --target-timeout if the service stays %s', async (_, trouble, what) => {
    const ways = [{ describe: [trouble] }, { list: [trouble] }];
    for (const message of await Promise.all(ways.map((responses) => messageAfter(responses, 1_000)))) {
      expect(message).toContain(what);
      expect(message).toContain('kload tried for 1s, as --target-timeout says');
    }
  });

  it('names the throttle if the service throttles once and then goes silent', async () => {
    const message = await messageAfter({ describe: [throttles, () => {}] }, 1_000);
    expect(message).toContain('refused: LimitExceededException');
  });

  it.each([
    ['does not exist', says({ __type: 'ResourceNotFoundException', message: 'm' }, '400 Bad Request'), /there is no/],
    ['is forbidden', says({ __type: 'AccessDeniedException', message: 'm' }, '400 Bad Request'), /AccessDenied/],
    ['is behind a gateway that does not know it', says('<html>', '404 Not Found'), /refused: HTTP 404/],
  ])('does not retry if the stream %s', async (_, respond, message) => {
    const { error, requests, waits } = await setUp({ describe: [respond] });
    expect((error as Error).message).toMatch(message);
    expect({ requests, waits }).toEqual({ requests: 1, waits: [] });
  });

  it('waits for a stream that is being created', async () => {
    const creating = described({ StreamStatus: 'CREATING' });
    const { facts, waits } = await setUp({ describe: [creating, throttles, creating, described()] });
    expect(facts?.name).toBe('s');
    expect(waits[0]).toBe("stream 's' is CREATING; waiting up to 5s for ACTIVE");
    expect(await messageAfter({ describe: [creating] }, 1_000)).toBe(
      "stream 's' is still CREATING after 1s\ntry again when it is ACTIVE, or wait longer with --target-timeout",
    );
  });

  it('refuses a list of shards that never ends, in a run and in a tail', { tags: 'long' }, async () => {
    let token = 0;
    const fresh: Respond = (request) => listed({ NextToken: `t${token++}` })(request);
    expect(await messageAfter({ list: [listed({ NextToken: 'same' })] })).toContain('repeats its NextToken');
    expect(await messageAfter({ list: [fresh] })).toContain('sent 1000 pages of ListShards, with 1000 shards');
    await using server = await oddServer(listed({ NextToken: 'same' }));
    const reader = new StreamReader(connectionTo(server.endpoint));
    await expect(reader.listShards(undefined)).rejects.toThrow('repeats its NextToken');
    reader.close();
  });

  it.each([
    ['not numeric', { StartingHashKey: 'abc', EndingHashKey: '1' }, '"abc" to "1"'],
    ['reversed', { StartingHashKey: '2', EndingHashKey: '1' }, '"2" to "1"'],
    ['too large', { StartingHashKey: '0', EndingHashKey: String(2n ** 128n) }, `"0" to "${2n ** 128n}"`],
    ['missing', undefined, 'undefined to undefined'],
  ])('refuses a hash key range that is %s', async (_, HashKeyRange, range) => {
    const message = await messageAfter({ list: [says({ Shards: [{ ...SHARD, HashKeyRange }] })] });
    expect(message).toContain(`describes shardId-000000000000 with a malformed hash key range, ${range}`);
  });

  it('ends with a KloadError at worst, whatever the service sends', async () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(null, 7, 'x', [], {}));
    const summary = fc.record({ StreamName: value, StreamARN: value, MaxRecordSizeInKiB: value });
    const range = fc.oneof(value, fc.record({ StartingHashKey: value, EndingHashKey: value }));
    const shard = fc.record({ ShardId: fc.oneof(value, fc.constant('s')), HashKeyRange: range }, { requiredKeys: [] });
    const list = fc.record({
      Shards: fc.oneof(value, fc.array(fc.oneof(shard, value))),
      NextToken: fc.constantFrom(undefined, null, '', 7, 'x'),
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(value, summary), fc.oneof(value, list), async (odd, shards) => {
        const StreamDescriptionSummary = typeof odd === 'object' ? { StreamStatus: 'ACTIVE', ...odd } : odd;
        const { error } = await setUp({ describe: [says({ StreamDescriptionSummary })], list: [says(shards)] }, 100);
        if (error !== undefined) expect(error).toBeInstanceOf(KloadError);
      }),
      { numRuns: runs(200) },
    );
  });
});
