import { flagsOnly, section } from '../options/option.js';
import type { OptionValues } from '../options/parse.js';
import { arrival, stages } from '../options/stages.js';
import {
  collectorUrl,
  duration,
  hostPort,
  moment,
  oneOf,
  partChoice,
  positive,
  runDuration,
  someBytes,
  someDuration,
  tcpAddress,
  text,
  whole,
  wholeSeconds,
} from '../options/values.js';
import { rendererHelp } from '../output/renderers.js';
import { TARGET_KINDS, targetKindNames, targetOptions } from '../target/kinds.js';
import { CONFIG_OPTIONS } from './config-options.js';
import { INPUT_OPTIONS } from './input-options.js';

const BATCH_RECORDS_MAX = Math.max(...Object.values(TARGET_KINDS).map(({ batchRecords }) => batchRecords.max));

/** They are shown together. */
const DRY_RUN_RECORDS_MAX = 10_000;

/** The options of `kload run`: the source of `--help`, the environment variables and the reference page. */
export const RUN_OPTIONS = {
  ...INPUT_OPTIONS,
  ...section('Rate', {
    rps: {
      flags: '--rps <n>',
      help:
        'target rate of the whole run in records per second, evenly spaced; falling behind drops nothing and is ' +
        'reported as schedule lag',
      defaultText: 'as fast as the target accepts',
      schema: positive,
    },
    respectTiming: {
      flags: '--respect-timing',
      help: 'send each record at its recorded time, relative to the first record',
    },
    speed: {
      flags: '--speed <factor>',
      help: 'with --respect-timing: replay speed; 2 is twice as fast as recorded, 0.5 half as fast',
      default: 1,
      schema: positive,
    },
    maxGap: {
      flags: '--max-gap <time>',
      help: 'with --respect-timing: shorten longer gaps to this much recorded time, before --speed applies',
      defaultText: 'gaps are kept',
      schema: runDuration,
    },
    reorderWindow: {
      flags: '--reorder-window <time>',
      help: 'with --respect-timing: sort rows that are out of order by up to this much recorded time',
      defaultText: 'rows keep their order',
      schema: someDuration,
      sameOnResume: true,
    },
    startAt: {
      flags: '--start-at <time>',
      help: 'intended time of the first record, which kload waits for: RFC 3339 with an offset, or an epoch number',
      defaultText: 'now',
      schema: moment,
    },
    stages: {
      flags: '--stages <stages>',
      help:
        "target rate in stages, such as '0..5000@1m, 5000@5m, 5000..0@30s': linear from one rate to another, or steady; " +
        'the run ends with the last stage',
      schema: stages,
      sameOnResume: true,
    },
    rateFile: {
      flags: '--rate-file <file>',
      help: 'target rate from a CSV of seconds and records per second, linear between its lines; the run ends with it',
      schema: text,
      sameOnResume: true,
    },
    bytesPerSecond: {
      flags: '--bytes-per-second <size>',
      help: 'target rate of the whole run in bytes of data and keys (500kB, 4MiB), in place of --rps',
      schema: someBytes,
    },
    arrival: {
      flags: '--arrival <how>',
      help:
        'with a target rate: even; poisson: at random, as independent events are; burst:500ms: all records of each ' +
        '500 ms at its start',
      default: 'even',
      schema: arrival,
    },
  }),
  ...section('Sending', {
    spread: {
      flags: '--spread <how>',
      help: 'keys: the key of a record selects its shard; even: use all shards in turn, whatever the keys',
      default: 'keys',
      schema: oneOf('keys', 'even'),
      sameOnResume: true,
    },
    ordered: {
      flags: '--ordered',
      help: 'deliver each partition key in input order: a record waits until those before it are sent or have failed',
      sameOnResume: true,
    },
    workers: {
      flags: '--workers <n>',
      help: 'number of sending threads',
      defaultText:
        'one less than the number of processors, at most 8; all processors to make records as fast as possible for a ' +
        'target outside this process',
      schema: whole(1, 256),
    },
    batchSize: {
      flags: '--batch-size <n>',
      help: 'maximum records per request; for Kafka, per batch of a partition',
      defaultText: '500, the maximum of Kinesis; Kafka: 10000',
      schema: whole(1, BATCH_RECORDS_MAX),
    },
    linger: {
      flags: '--linger <time>',
      help: 'maximum time a record waits for others to share its request',
      default: '5ms',
      schema: duration,
    },
    maxInFlight: {
      flags: '--max-in-flight <n>',
      help: 'maximum concurrent requests over all workers; for Kafka, batches, at most one per partition and worker',
      default: 32,
      schema: whole(1, 10_000),
    },
  }),
  ...section('Target', {
    target: {
      flags: '--target <kind>',
      help: `where to send: ${listOfKinds()}`,
      defaultText: 'kinesis with --stream or --stream-arn, kafka with --topic, otherwise embedded',
      schema: oneOf(...targetKindNames()),
    },
  }),
  ...targetOptions(),
  ...section('Failures', {
    maxAttempts: {
      flags: '--max-attempts <n>',
      help: 'attempts before a record counts as failed, whatever the errors were',
      defaultText: 'no limit for throttling, 10 for other errors; Kafka: 40 per batch, about 80 s',
      schema: whole(1),
    },
    deadLetter: {
      flags: '--dead-letter <file>',
      help: 'write failed records to this file, as NDJSON that `kload run` can send again',
      schema: text,
    },
    targetTimeout: {
      flags: '--target-timeout <time>',
      help: 'end the run if the target does not respond for this long, or the stream is not ACTIVE in this time',
      default: '30s',
      schema: someDuration,
    },
    drainTimeout: {
      flags: '--drain-timeout <time>',
      help: 'after Ctrl-C or q: how long to keep sending records that were already read',
      default: '30s',
      schema: duration,
    },
  }),
  ...section('Resuming', {
    checkpoint: {
      flags: '--checkpoint <file>',
      help:
        'record progress in this file, so that --resume can continue after Ctrl-C, a crash or a kill; needs input ' +
        'files or --count, and a stream or topic',
      schema: text,
    },
    checkpointInterval: {
      flags: '--checkpoint-interval <time>',
      help: 'how often to write the checkpoint; records sent since the last one may arrive twice after a kill',
      default: '1s',
      schema: someDuration,
    },
    resume: {
      flags: '--resume',
      help: 'continue from the --checkpoint file; start at the beginning if there is none, do nothing if nothing is left',
    },
  }),
  ...section('Output', {
    threshold: {
      flags: '--threshold <bound>',
      repeatable: true,
      help: "exit with 99 unless this holds, such as 'latency.p99 < 200ms over 10s after 30s abort'",
    },
    thresholds: {
      flags: '--thresholds <file>',
      help: 'read thresholds from a file, one on each line; # begins a comment',
      schema: text,
    },
    report: {
      flags: '--report <file>',
      repeatable: true,
      help: `write a report: ${rendererHelp()}`,
    },
    dashboard: {
      flags: '--no-dashboard',
      help: 'print one line per second instead of the dashboard, as when the output is not a terminal',
      default: true,
      defaultText: 'dashboard on a terminal',
    },
    quiet: {
      flags: '--quiet',
      help: 'print only the summary',
    },
    warmUp: {
      flags: '--warm-up <time>',
      help:
        'leave the first seconds out of the percentiles, histograms and thresholds of the run; its records are sent ' +
        'and counted',
      schema: wholeSeconds,
    },
    metricsListen: {
      flags: '--metrics-listen <host:port>',
      help: 'serve live metrics to Prometheus at http://HOST:PORT/metrics; port 0 takes a free one',
      schema: hostPort,
    },
    metricsLinger: {
      flags: '--metrics-linger <time>',
      help: 'how long to serve the final metrics after the run has ended, so that Prometheus reads them',
      default: '0s',
      schema: duration,
    },
    otlpEndpoint: {
      flags: '--otlp-endpoint <url>',
      help:
        'send live metrics to an OpenTelemetry collector every 10 s, by OTLP over HTTP in JSON; the port of collectors ' +
        'for this is 4318',
      defaultText: 'OTEL_EXPORTER_OTLP_ENDPOINT',
      schema: collectorUrl,
    },
  }),
  ...section('Many machines', {
    part: {
      flags: '--part <part>',
      help:
        'send one part of the run, such as 2/8; auto: the part that Kubernetes, AWS Batch or Slurm gives to this ' +
        'process, or KLOAD_PART and KLOAD_PARTS; all other options are those of the whole run',
      defaultText: 'the whole run',
      schema: partChoice,
    },
    partBy: {
      flags: '--part-by <how>',
      help: 'key: the records of a key belong to one part; file: each file belongs to one part',
      default: 'key',
      schema: oneOf('key', 'file'),
    },
    barrier: {
      flags: '--barrier <address>',
      help: 'begin when all parts are ready: part 1 listens at this address, such as tcp://10.0.0.5:4600',
      defaultText: 'each part begins by itself',
      schema: tcpAddress,
    },
    barrierDir: {
      flags: '--barrier-dir <folder>',
      help: 'begin when all parts are ready, by files in a folder that they share',
      schema: text,
    },
    barrierTimeout: {
      flags: '--barrier-timeout <time>',
      help: 'how long to wait for the other parts',
      default: '60s',
      schema: someDuration,
    },
  }),
  ...CONFIG_OPTIONS,
  ...flagsOnly('Configuration', {
    dryRun: {
      flags: '--dry-run <n>',
      help:
        'print the first n records as they would be sent (key, shard, size, due time), and send nothing; the target is ' +
        'only described, and no file is written',
      commandLineOnly: true,
      schema: whole(1, DRY_RUN_RECORDS_MAX),
    },
  }),
};

export type RunValues = OptionValues<typeof RUN_OPTIONS>;

/** 'kinesis, kafka, embedded (an emulator in this process), or null (…)'. */
function listOfKinds(): string {
  const kinds = Object.values(TARGET_KINDS).map(({ name, about }) => (about === '' ? name : `${name} (${about})`));
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(kinds);
}
