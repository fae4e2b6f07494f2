import type { StreamRecord } from '../../core/stream-record.js';
import { scanPage } from './page-scan.js';
import type { ChildShard, ShardPage } from './readable-stream.js';

/** The members of a response to GetRecords, or of an event of SubscribeToShard. */
export interface ReadPageMembers extends ShardPage {
  readonly nextIterator: string | undefined;
  readonly continuation: string | undefined;
}

/** Base64 as the SDK accepts it: without white space, padded. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Reads a page of a shard in JSON: 0.7 us for a record of 200 bytes, where the SDK takes 2.5. Scans the form that
 * services write, and parses any other.
 *
 * @throws SyntaxError if it is not JSON, or not a page
 */
export function readPage(body: Buffer, shardId: string): ReadPageMembers {
  const scanned = scanPage(body, shardId);
  return scanned === undefined ? parsePage(body, shardId) : pageOf(scanned.records, (name) => scanned.rest.get(name));
}

/** Reads what the scan does not, such as white space and escapes, and reports malformed pages. */
export function parsePage(body: Buffer, shardId: string): ReadPageMembers {
  const page = objectOf(parsed(body));
  const records = listOf(page.Records).map((record) => recordOf(objectOf(record), shardId));
  return pageOf(records, (name) => page[name]);
}

function pageOf(records: readonly StreamRecord[], member: (name: string) => unknown): ReadPageMembers {
  return {
    records,
    behindMs: numberOf(member('MillisBehindLatest')) ?? 0,
    children: childrenOf(member('ChildShards')),
    nextIterator: textOf(member('NextShardIterator')),
    continuation: textOf(member('ContinuationSequenceNumber')),
  };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new SyntaxError('the response is not JSON');
  }
}

function recordOf(record: Readonly<Record<string, unknown>>, shardId: string): StreamRecord {
  const seconds = numberOf(record.ApproximateArrivalTimestamp);
  return {
    shardId,
    sequenceNumber: textOf(record.SequenceNumber) ?? '',
    key: textOf(record.PartitionKey) ?? '',
    data: dataOf(textOf(record.Data) ?? ''),
    arrivedAtMs: seconds === undefined ? Number.NaN : Math.round(seconds * 1000),
  };
}

function childrenOf(shards: unknown): ChildShard[] {
  return listOf(shards).map((shard) => {
    const { ShardId, ParentShards } = objectOf(shard);
    return { id: textOf(ShardId) ?? '', parents: listOf(ParentShards).map((parent) => textOf(parent) ?? '') };
  });
}

function dataOf(text: string): Uint8Array {
  if (BASE64.test(text)) return Buffer.from(text, 'base64');
  throw new SyntaxError('the data of a record is not base64');
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new SyntaxError('the response is not a page of records');
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new SyntaxError(`the response has ${typeof value} where a list belongs`);
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new SyntaxError(`the response has ${typeof value} where a string belongs`);
}

function numberOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return value;
  throw new SyntaxError(`the response has ${typeof value} where a number belongs`);
}
