import type { OptionTable } from '../options/option.js';
import type { OptionValues } from '../options/parse.js';
import { duration, moment, oneOf, positive, runDuration, someDuration, text, whole } from '../options/values.js';
import { rendererHelp } from '../output/renderers.js';
import { TARGET_KINDS, targetKindNames, targetOptions } from '../target/kinds.js';
import { INPUT_OPTIONS } from './input-options.js';

const BATCH_RECORDS_MAX = Math.max(...Object.values(TARGET_KINDS).map(({ batchRecords }) => batchRecords.max));

/** The options of `kload run`: the source of `--help`, the environment variables and the reference page. */
export const RUN_OPTIONS = {
  ...INPUT_OPTIONS,
  rps: {
    flags: '--rps <n>',
    group: 'Rate',
    help:
      'target rate of the whole run in records per second, evenly spaced; falling behind drops nothing and is ' +
      'reported as schedule lag',
    defaultText: 'as fast as the target accepts',
    env: 'KLOAD_RPS',
    schema: positive,
  },
  respectTiming: {
    flags: '--respect-timing',
    group: 'Rate',
    help: 'send each record at its recorded time, relative to the first record',
    env: 'KLOAD_RESPECT_TIMING',
  },
  speed: {
    flags: '--speed <factor>',
    group: 'Rate',
    help: 'with --respect-timing: replay speed; 2 is twice as fast as recorded, 0.5 half as fast',
    default: 1,
    env: 'KLOAD_SPEED',
    schema: positive,
  },
  maxGap: {
    flags: '--max-gap <time>',
    group: 'Rate',
    help: 'with --respect-timing: shorten longer gaps to this much recorded time, before --speed applies',
    defaultText: 'gaps are kept',
    env: 'KLOAD_MAX_GAP',
    schema: runDuration,
  },
  reorderWindow: {
    flags: '--reorder-window <time>',
    group: 'Rate',
    help: 'with --respect-timing: sort rows that are out of order by up to this much recorded time',
    defaultText: 'rows keep their order',
    env: 'KLOAD_REORDER_WINDOW',
    schema: someDuration,
    sameOnResume: true,
  },
  startAt: {
    flags: '--start-at <time>',
    group: 'Rate',
    help: 'intended time of the first record, which kload waits for: RFC 3339 with an offset, or an epoch number',
    defaultText: 'now',
    env: 'KLOAD_START_AT',
    schema: moment,
  },
  spread: {
    flags: '--spread <how>',
    group: 'Sending',
    help: 'keys: the key of a record selects its shard; even: use all shards in turn, whatever the keys',
    default: 'keys',
    env: 'KLOAD_SPREAD',
    schema: oneOf('keys', 'even'),
    sameOnResume: true,
  },
  ordered: {
    flags: '--ordered',
    group: 'Sending',
    help: 'deliver each partition key in input order: a record waits until those before it are sent or have failed',
    env: 'KLOAD_ORDERED',
    sameOnResume: true,
  },
  workers: {
    flags: '--workers <n>',
    group: 'Sending',
    help: 'number of sending threads',
    defaultText: 'one less than the number of processors, at most 8',
    env: 'KLOAD_WORKERS',
    schema: whole(1, 256),
  },
  batchSize: {
    flags: '--batch-size <n>',
    group: 'Sending',
    help: 'maximum records per request; for Kafka, per batch of a partition',
    defaultText: '500, the maximum of Kinesis; Kafka: 10000',
    env: 'KLOAD_BATCH_SIZE',
    schema: whole(1, BATCH_RECORDS_MAX),
  },
  linger: {
    flags: '--linger <time>',
    group: 'Sending',
    help: 'maximum time a record waits for others to share its request',
    default: '5ms',
    env: 'KLOAD_LINGER',
    schema: duration,
  },
  maxInFlight: {
    flags: '--max-in-flight <n>',
    group: 'Sending',
    help: 'maximum concurrent requests over all workers; for Kafka, batches, at most one per partition and worker',
    default: 32,
    env: 'KLOAD_MAX_IN_FLIGHT',
    schema: whole(1, 10_000),
  },
  target: {
    flags: '--target <kind>',
    group: 'Target',
    help: `where to send: ${listOfKinds()}`,
    defaultText: 'kinesis with --stream or --stream-arn, kafka with --topic, otherwise embedded',
    env: 'KLOAD_TARGET',
    schema: oneOf(...targetKindNames()),
  },
  ...targetOptions(),
  maxAttempts: {
    flags: '--max-attempts <n>',
    group: 'Failures',
    help: 'attempts before a record counts as failed, whatever the errors were',
    defaultText: 'no limit for throttling, 10 for other errors; Kafka: 40 per batch, about 80 s',
    env: 'KLOAD_MAX_ATTEMPTS',
    schema: whole(1),
  },
  deadLetter: {
    flags: '--dead-letter <file>',
    group: 'Failures',
    help: 'write failed records to this file, as NDJSON that `kload run` can send again',
    env: 'KLOAD_DEAD_LETTER',
    schema: text,
  },
  targetTimeout: {
    flags: '--target-timeout <time>',
    group: 'Failures',
    help: 'end the run if the target does not respond for this long, or the stream is not ACTIVE in this time',
    default: '30s',
    env: 'KLOAD_TARGET_TIMEOUT',
    schema: someDuration,
  },
  drainTimeout: {
    flags: '--drain-timeout <time>',
    group: 'Failures',
    help: 'after Ctrl-C or q: how long to keep sending records that were already read',
    default: '30s',
    env: 'KLOAD_DRAIN_TIMEOUT',
    schema: duration,
  },
  checkpoint: {
    flags: '--checkpoint <file>',
    group: 'Resuming',
    help:
      'record progress in this file, so that --resume can continue after Ctrl-C, a crash or a kill; needs input ' +
      'files and a stream or topic',
    env: 'KLOAD_CHECKPOINT',
    schema: text,
  },
  checkpointInterval: {
    flags: '--checkpoint-interval <time>',
    group: 'Resuming',
    help: 'how often to write the checkpoint; records sent since the last one may arrive twice after a kill',
    default: '1s',
    env: 'KLOAD_CHECKPOINT_INTERVAL',
    schema: someDuration,
  },
  resume: {
    flags: '--resume',
    group: 'Resuming',
    help: 'continue from the --checkpoint file; start at the beginning if there is none, do nothing if nothing is left',
    env: 'KLOAD_RESUME',
  },
  report: {
    flags: '--report <file>',
    group: 'Output',
    repeatable: true,
    help: `write a report: ${rendererHelp()}`,
  },
  dashboard: {
    flags: '--no-dashboard',
    group: 'Output',
    help: 'print one line per second instead of the dashboard, as when the output is not a terminal',
    default: true,
    defaultText: 'dashboard on a terminal',
  },
  quiet: {
    flags: '--quiet',
    group: 'Output',
    help: 'print only the summary',
    env: 'KLOAD_QUIET',
  },
} as const satisfies OptionTable;

export type RunValues = OptionValues<typeof RUN_OPTIONS>;

/** 'kinesis, kafka, embedded (an emulator in this process), or null (…)'. */
function listOfKinds(): string {
  const kinds = Object.values(TARGET_KINDS).map(({ name, about }) => (about === '' ? name : `${name} (${about})`));
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(kinds);
}
