import type { Caller } from '../protocol/caller.js';
import { evenRanges } from './hash-key.js';
import type { ShardState, StreamMode, StreamState, Tags } from './stream-state.js';

const RETENTION_HOURS = 24;

/** What a caller chooses about a new stream. */
export interface NewStream {
  readonly name: string;
  readonly mode: StreamMode;
  readonly shardCount: number;
  readonly maxRecordSizeInKiB: number;
  readonly warmThroughputMiBps?: number | undefined;
  readonly tags: Tags;
}

/** The state of a stream that is CREATING. */
export function newStreamState(
  { account, region }: Caller,
  stream: NewStream,
  now: number,
  activeAtMs: number,
): StreamState {
  const { name, mode, shardCount, maxRecordSizeInKiB, warmThroughputMiBps, tags } = stream;
  const shards = evenRanges(shardCount).map(
    ({ start, end }, index): ShardState => ({
      index,
      range: [String(start), String(end)],
      createdAtMs: now,
      epochSeconds: Math.floor(now / 1000),
    }),
  );
  return {
    ...{ name, account, region, id: randomStreamId(), createdAtMs: now },
    ...{ mode, maxRecordSizeInKiB, warmThroughputMiBps, tags, shards },
    pending: { status: 'CREATING', untilMs: activeAtMs },
    retentionHours: RETENTION_HOURS,
    trimmedBeforeMs: 0,
    encryption: { type: 'NONE' },
    shardLevelMetrics: [],
    consumers: [],
    shardCountUpdatesMs: [],
    modeUpdatesMs: [],
  };
}

/** 'abcdefghij0123456789-abc'. It is not a secret, so Math.random will do and node:crypto need not be loaded. */
function randomStreamId(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  const text = (length: number) =>
    Array.from({ length }, () => letters[Math.floor(Math.random() * letters.length)]).join('');
  return `${text(20)}-${text(3)}`;
}
