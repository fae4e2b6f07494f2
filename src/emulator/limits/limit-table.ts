/** One limit of the service. */
export interface Limit {
  /** What it bounds, worded to follow "at most". */
  readonly bounds: string;
  readonly unit: string;
  readonly default: number;
  /** Where it is documented. */
  readonly source: string;
  /** The operation whose calls it limits, and whether the limit is per account, stream or shard. */
  readonly calls?: { readonly operation: string; readonly per: 'account' | 'stream' | 'shard' };
  /** It still applies when limits are off: without it clients could fill the emulator's memory. */
  readonly keptWhenOff?: true;
  /** The lowest value when all limits are scaled, for limits on counts, which stay whole. Undefined for rates. */
  readonly least?: number;
}

const MODEL = 'service model';
const QUOTAS = 'quotas page';
const BOTH = 'service model, quotas page';
/** Not a limit of the service: it bounds the emulator's memory. */
const OWN = 'kload';
/** The model and the quotas page name different scopes. */
const MODEL_NOT_QUOTAS = 'service model (per stream on the quotas page)';

/** All limits of the service. The limits that apply, and the reference page, are generated from it. */
export const LIMITS = {
  shardWriteRecordsPerSecond: rate('records written to a shard', 'records/s', 1000, BOTH),
  shardWriteBytesPerSecond: rate('data and keys written to a shard', 'bytes/s', 1024 * 1024, BOTH),
  shardReadBytesPerSecond: rate(
    'data and keys that all GetRecords of a shard return; a read of 10 MiB throttles the next 5 s',
    'bytes/s',
    2 * 1024 * 1024,
    BOTH,
  ),
  shardReadsPerSecond: rate('GetRecords calls of a shard', 'calls/s', 5, BOTH),
  consumerReadBytesPerSecond: rate(
    'data and keys that one SubscribeToShard sends; the rest waits',
    'bytes/s',
    2 * 1024 * 1024,
    MODEL,
  ),
  subscribeToShardPerSecond: rate('SubscribeToShard calls of a consumer and a shard', 'calls/s', 1, BOTH),

  getShardIteratorPerSecond: calls('GetShardIterator', 'shard', 5, BOTH),
  listShardsPerSecond: calls('ListShards', 'stream', 1000, BOTH),

  addTagsToStreamPerSecond: calls('AddTagsToStream', 'account', 5, BOTH),
  createStreamPerSecond: calls('CreateStream', 'account', 5, BOTH),
  decreaseStreamRetentionPeriodPerSecond: calls('DecreaseStreamRetentionPeriod', 'stream', 5, QUOTAS),
  deleteResourcePolicyPerSecond: calls('DeleteResourcePolicy', 'account', 5, QUOTAS),
  deleteStreamPerSecond: calls('DeleteStream', 'account', 5, BOTH),
  deregisterStreamConsumerPerSecond: calls('DeregisterStreamConsumer', 'stream', 5, BOTH),
  describeAccountSettingsPerSecond: calls('DescribeAccountSettings', 'account', 5, BOTH),
  describeLimitsPerSecond: calls('DescribeLimits', 'account', 1, BOTH),
  describeStreamPerSecond: calls('DescribeStream', 'account', 10, BOTH),
  describeStreamConsumerPerSecond: calls('DescribeStreamConsumer', 'stream', 20, BOTH),
  describeStreamSummaryPerSecond: calls('DescribeStreamSummary', 'account', 20, BOTH),
  disableEnhancedMonitoringPerSecond: calls('DisableEnhancedMonitoring', 'stream', 5, QUOTAS),
  enableEnhancedMonitoringPerSecond: calls('EnableEnhancedMonitoring', 'stream', 5, QUOTAS),
  getResourcePolicyPerSecond: calls('GetResourcePolicy', 'account', 5, QUOTAS),
  increaseStreamRetentionPeriodPerSecond: calls('IncreaseStreamRetentionPeriod', 'stream', 5, QUOTAS),
  listStreamConsumersPerSecond: calls('ListStreamConsumers', 'stream', 5, BOTH),
  listStreamsPerSecond: calls('ListStreams', 'account', 5, BOTH),
  listTagsForStreamPerSecond: calls('ListTagsForStream', 'account', 5, MODEL_NOT_QUOTAS),
  mergeShardsPerSecond: calls('MergeShards', 'account', 5, MODEL_NOT_QUOTAS),
  putResourcePolicyPerSecond: calls('PutResourcePolicy', 'account', 5, QUOTAS),
  registerStreamConsumerPerSecond: calls('RegisterStreamConsumer', 'account', 5, MODEL_NOT_QUOTAS),
  removeTagsFromStreamPerSecond: calls('RemoveTagsFromStream', 'account', 5, MODEL_NOT_QUOTAS),
  splitShardPerSecond: calls('SplitShard', 'account', 5, MODEL_NOT_QUOTAS),
  updateAccountSettingsPerSecond: calls('UpdateAccountSettings', 'account', 5, BOTH),
  updateShardCountPerSecond: calls('UpdateShardCount', 'account', 10, MODEL),
  updateStreamWarmThroughputPerSecond: calls('UpdateStreamWarmThroughput', 'account', 5, BOTH),

  shardsPerAccount: kept('open shards of an account in a region', 'shards', 20_000, QUOTAS),
  shardsInAll: kept('open shards of all accounts and regions together', 'shards', 50_000, OWN),
  accountSettings: kept('accounts and regions that hold settings of UpdateAccountSettings', 'accounts', 1000, OWN),
  onDemandStreams: count('on-demand streams of an account in a region', 'streams', 50, QUOTAS),
  streamsInTransition: count('streams of an account that are CREATING or DELETING at once', 'streams', 5, BOTH),
  shardsPerStream: count('shards that UpdateShardCount scales a stream to', 'shards', 10_000, BOTH),
  shardCountFactor: {
    ...count('times that one UpdateShardCount multiplies or divides the open shards', 'times', 2, MODEL),
    least: 2,
  },
  shardCountUpdatesPerDay: count('UpdateShardCount calls of a stream that were accepted', 'calls/24 h', 10, MODEL),
  modeUpdatesPerDay: count('mode switches of a stream', 'calls/24 h', 2, QUOTAS),
  encryptionStartsPerDay: count('StartStreamEncryption calls of a stream', 'calls/24 h', 25, BOTH),
  encryptionStopsPerDay: count('StopStreamEncryption calls of a stream', 'calls/24 h', 25, BOTH),
  warmThroughputMiBps: count('warm throughput of an on-demand stream', 'MiB/s', 10_240, BOTH),
  tagsPerResource: kept('tags of a stream or a consumer', 'tags', 50, BOTH),
  consumersPerStream: kept('consumers of a stream', 'consumers', 20, BOTH),
  consumersPerAdvantageStream: kept(
    'consumers of an on-demand stream where the account has On-demand Advantage',
    'consumers',
    50,
    BOTH,
  ),
  consumersCreating: count('consumers of a stream that are CREATING at once', 'consumers', 5, BOTH),
} as const satisfies Readonly<Record<string, Limit>>;

export type LimitName = keyof typeof LIMITS;

function rate(bounds: string, unit: string, value: number, source: string): Limit {
  return { bounds, unit, default: value, source };
}

function calls(operation: string, per: 'account' | 'stream' | 'shard', value: number, source: string): Limit {
  const bounds = `${operation} calls of ${per === 'account' ? 'an' : 'a'} ${per}`;
  return { bounds, unit: 'calls/s', default: value, source, calls: { operation, per } };
}

function count(bounds: string, unit: string, value: number, source: string): Limit {
  return { bounds, unit, default: value, source, least: 1 };
}

function kept(bounds: string, unit: string, value: number, source: string): Limit {
  return { bounds, unit, default: value, source, keptWhenOff: true, least: 1 };
}
