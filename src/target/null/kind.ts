import { KINESIS_LIMITS } from '../../core/limits.js';
import { HASH_KEY_RECORDS } from '../../core/record.js';
import type { TargetKind } from '../kind.js';
import { NullTarget } from './target.js';

/** A target that discards all records. A run to it measures kload itself. */
export const nullKind = {
  name: 'null',
  about: 'discards all records, to measure kload itself',
  words: { target: 'null target', shard: 'shard' },
  options: {},
  selectedBy: [],
  selectHint: 'pass --target null',
  sharedOptions: () => [],
  unusedOptions: () => [{ names: ['spread'], why: 'cannot be used with the null target', hint: 'leave it out' }],
  exclusive: [],
  plan: () => ({ kind: 'null' }),
  settings: () => ({ kind: 'null' }),
  warning: () => undefined,
  record: HASH_KEY_RECORDS,
  batchRecords: { default: KINESIS_LIMITS.batchRecordsMax, max: KINESIS_LIMITS.batchRecordsMax },
  unit: 'record',
  attemptsMax: 10,
  hasShardLimits: false,
  open: async () => ({
    config: { kind: 'null' },
    report: { kind: 'null', stream: null, endpoint: null, region: null, shards: 0, limits: false },
    shardIds: [],
    spread: undefined,
    recordBytesMax: KINESIS_LIMITS.recordBytesMaxEver,
    batchBytesMax: KINESIS_LIMITS.batchBytesMax,
    recordOverheadBytes: 0,
    onCrash: () => {},
    close: async () => {},
  }),
  connect: async () => new NullTarget(),
  partitioner: () => ({ ids: [], indexOf: () => 0 }),
  describe: () => ['null: discards all records, so this run measured kload itself'],
  location: () => 'null',
} as const satisfies TargetKind;
