import { TIMESTAMP_FORMATS } from '../bytes/timestamp.js';
import { FORMATS, type FormatName } from '../core/format-names.js';
import { section } from '../options/option.js';
import {
  delimiter,
  hotShard,
  keyDistribution,
  oneOf,
  partitionKey,
  recordedMoment,
  recordSizes,
  runDuration,
  someDuration,
  text,
  timeZone,
  uuid,
  whole,
} from '../options/values.js';

/** The input of `kload run`: how its files are read, what is generated without files, and where it ends. */
export const INPUT_OPTIONS = section('Input', {
  csv: {
    flags: '--csv <file>',
    repeatable: true,
    help: 'input file, the same as one named without a flag; its format is still detected, or set by --format',
  },
  format: {
    flags: '--format <format>',
    help:
      'format of the input: auto, csv, ndjson, json (values over several lines, arrays, {"Records":[…]}), lines ' +
      '(each line of text is a record), or kload (records that kload wrote)',
    default: 'auto',
    defaultText: 'auto: detected from name and content; kload reports how it reads each file',
    schema: oneOf('auto', ...(Object.keys(FORMATS) as FormatName[])),
    sameOnResume: true,
  },
  delimiter: {
    flags: '--delimiter <char>',
    help: "field delimiter of CSV files: ',', ';', '|' or tab",
    defaultText: 'detected from the first line; tab for .tsv',
    schema: delimiter,
    sameOnResume: true,
  },
  dataField: {
    flags: '--data-field <field>',
    help: "field to send as data: a CSV column (name or 1-based number) or a JSON path such as '.body.items.0'",
    defaultText: 'CSV: the first column; otherwise the whole line',
    schema: text,
    sameOnResume: true,
  },
  dataEncoding: {
    flags: '--data-encoding <encoding>',
    help: 'encoding of the data field: utf8 (bytes are sent unchanged), base64 or hex (decoded before sending)',
    default: 'utf8',
    schema: oneOf('utf8', 'base64', 'hex'),
    sameOnResume: true,
  },
  unwrap: {
    flags: '--unwrap <what>',
    help:
      'kinesis: the data is a captured PutRecord or PutRecords request or GetRecords response, and kload sends the ' +
      'records inside; none: send the data unchanged',
    default: 'auto',
    defaultText: 'auto: decided from the first rows; none if a key or headers field is set',
    schema: oneOf('auto', 'kinesis', 'none'),
    sameOnResume: true,
  },
  timestampField: {
    flags: '--timestamp-field <field>',
    help: 'field with the time of the record: RFC 3339 or an epoch number',
    defaultText: 'CSV: the second column; otherwise none',
    schema: text,
    sameOnResume: true,
  },
  timestampFormat: {
    flags: '--timestamp-format <format>',
    help:
      'rfc3339, a unit of epoch numbers (s, ms, us, ns), rfc1123 (Fri, 02 Jan 2026 03:04:05 GMT), or apache ' +
      '(02/Jan/2026:03:04:05 +0000); a row in another format is a bad record',
    default: 'auto',
    defaultText: 'auto: RFC 3339, or an epoch number with its unit derived from its size',
    schema: oneOf(...TIMESTAMP_FORMATS),
    sameOnResume: true,
  },
  timestampZone: {
    flags: '--timestamp-zone <zone>',
    help: 'time zone of timestamps without an offset: UTC, +02:00 or Europe/Berlin',
    defaultText: 'none: timestamps need an offset',
    schema: timeZone,
    sameOnResume: true,
  },
  partitionKeyField: {
    flags: '--partition-key-field <field>',
    help: 'field with the partition key',
    defaultText: 'a random key for each record; Kafka: no key',
    schema: text,
    sameOnResume: true,
  },
  partitionKey: {
    flags: '--partition-key <text>',
    help: 'partition key for all records, which sends them all to one shard unless --spread is even',
    schema: partitionKey,
    sameOnResume: true,
  },
  explicitHashKeyField: {
    flags: '--explicit-hash-key-field <field>',
    help:
      'field with the explicit hash key (0 to 2^128 - 1, decimal), which selects the shard instead of the partition ' +
      'key',
    defaultText: 'the partition key selects the shard',
    schema: text,
    sameOnResume: true,
  },
  headersField: {
    flags: '--headers-field <field>',
    help: 'for Kafka: field with the headers, as a JSON object',
    defaultText: 'no headers',
    schema: text,
    sameOnResume: true,
  },
  header: {
    flags: '--no-header',
    help: 'treat the first row of a CSV file as a record, and name columns by number only',
    default: true,
    defaultText: 'the first row names the columns',
    sameOnResume: true,
  },
  onBadRecord: {
    flags: '--on-bad-record <what>',
    help: 'fail: end the run at a record that cannot be used; skip: count it as rejected, and list the first ten',
    default: 'fail',
    schema: oneOf('fail', 'skip'),
  },
  from: {
    flags: '--from <time>',
    help:
      'send only the records from this time of the recording on: RFC 3339, an epoch number, or a time since the ' +
      'first record (+10m, +1d2h)',
    defaultText: 'the start of the recording',
    schema: recordedMoment,
    sameOnResume: true,
  },
  to: {
    flags: '--to <time>',
    help: 'send only the records before this time of the recording, in the same forms as --from',
    defaultText: 'the end of the recording',
    schema: recordedMoment,
    sameOnResume: true,
  },
  recordSize: {
    flags: '--record-size <bytes>',
    help: 'size of generated records: 200, 100..2000, normal:500,100 (mean and deviation) or lognormal:p50=300,p99=4000',
    defaultText: '200; with --template: as the template makes them',
    schema: recordSizes,
    sameOnResume: true,
  },
  keys: {
    flags: '--keys <n>',
    help: 'number of partition keys that generated records are spread over',
    default: 10_000,
    schema: whole(1, 1_000_000_000),
    sameOnResume: true,
  },
  loop: {
    flags: '--loop',
    help: 'start over at the end of the input, until --count, --duration or Ctrl-C',
  },
  count: {
    flags: '--count <n>',
    help: 'stop after this many records',
    schema: whole(1),
  },
  duration: {
    flags: '--duration <time>',
    help: 'send the records that are due within this time (30s, 5m, 1h30m)',
    defaultText: '10s for generated records without --count',
    schema: runDuration,
  },
  maxTime: {
    flags: '--max-time <time>',
    help:
      'end the run after this time by the clock, whatever it waits for: it stops reading and drains, as after Ctrl-C, ' +
      'and exits with 0, or with 5 if records stayed unsent',
    schema: someDuration,
  },
  seed: {
    flags: '--seed <n>',
    help:
      'seed of generated records and of --arrival poisson: the same seed gives the same records and moments, whatever ' +
      '--workers is',
    default: 1,
    schema: whole(0, 2 ** 32 - 1),
    sameOnResume: true,
  },
  keyDistribution: {
    flags: '--key-distribution <how>',
    help:
      'how often each key of generated records is used: uniform, sequential (in turn), zipf:0.99, or hotspot:0.2,0.8 ' +
      '(20 % of the keys get 80 % of the records)',
    default: 'uniform',
    schema: keyDistribution,
    sameOnResume: true,
  },
  hotShard: {
    flags: '--hot-shard <shard:share>',
    help: 'choose the keys of generated records so that one shard gets this share of them: 3:0.5',
    defaultText: 'the keys decide',
    schema: hotShard,
    sameOnResume: true,
  },
  template: {
    flags: '--template <file>',
    help: 'make records from a template: a file, or the template itself, with fields such as {{int 1 100}}',
    defaultText: 'JSON with an id, a key and padding',
    schema: text,
    sameOnResume: true,
  },
  schema: {
    flags: '--schema <file>',
    help: 'encode generated records by a schema of Avro (.avsc): those of --template, or random values for each field',
    schema: text,
    sameOnResume: true,
  },
  encode: {
    flags: '--encode <encoding>',
    help: 'encoding of the records of --schema: avro, the binary one',
    schema: oneOf('avro'),
    sameOnResume: true,
  },
  schemaId: {
    flags: '--schema-id <n>',
    help: "begin each record of --schema as Confluent's serializer does: a zero byte, and this id of the schema",
    schema: whole(0, 2 ** 32 - 1),
    sameOnResume: true,
  },
  glueSchemaVersion: {
    flags: '--glue-schema-version <uuid>',
    help: "begin each record of --schema as AWS Glue's serializer does: two bytes, and this id of the schema version",
    schema: uuid,
    sameOnResume: true,
  },
});
