import { flagsOnly } from '../options/option.js';
import { someBytes, text } from '../options/values.js';
import { INPUT_OPTIONS } from './input-options.js';
import { TAIL_OPTIONS } from './tail-options.js';

const { format, delimiter, dataField, dataEncoding, unwrap, partitionKeyField, header } = INPUT_OPTIONS;
const { follow: _follow, count: _count, duration: _duration, from, until, ...reading } = TAIL_OPTIONS;
const { format: _format, output: _output, config: _config, printConfig: _printConfig, ...source } = reading;

/** The options of `kload verify`. */
export const VERIFY_OPTIONS = {
  ...flagsOnly('Input', {
    input: {
      flags: '--input <file>',
      repeatable: true,
      help: 'recording whose records the stream or topic should hold',
    },
  }),
  ...{ format, delimiter, dataField, dataEncoding, unwrap, partitionKeyField, header },
  ...flagsOnly('Reading', {
    stream: {
      flags: '--stream <stream>',
      help: 'name or ARN of the Kinesis stream to check; use --topic for a Kafka topic',
      schema: text,
    },
    against: {
      flags: '--against <name>',
      help: 'stream or topic, of the same kind and with the same connection, that should hold the same records',
      schema: text,
    },
    from: {
      ...from,
      help:
        'where to start: trim-horizon or earliest (the oldest record), a time (2026-01-02T03:04:05Z), or how long ago ' +
        '(-5m, -2h, -1d)',
      defaultText: 'trim-horizon',
    },
    until: {
      ...until,
      defaultText: 'what is there when kload starts',
    },
  }),
  ...source,
  ...flagsOnly('Verdict', {
    field: {
      flags: '--field <path>',
      help: "compare this field of JSON data, such as '.id', instead of keys and data",
      defaultText: 'keys and data; only data if the recording has no keys',
      schema: text,
    },
    memory: {
      flags: '--memory <bytes>',
      help: 'memory for records that only one side has so far (64MiB); beyond it they go to temporary files',
      default: '64MiB',
      schema: someBytes,
    },
  }),
  ...flagsOnly('Output', {
    details: {
      flags: '--details <file>',
      help: 'write every difference to this file, one JSON object a line',
      schema: text,
    },
    json: {
      flags: '--json',
      help: 'print the result as JSON',
    },
  }),
};
