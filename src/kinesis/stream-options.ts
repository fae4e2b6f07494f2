import type { OptionTable } from '../options/option.js';
import { oneOf, streamArn, streamName } from '../options/values.js';
import { CONNECTION_OPTIONS } from './connection-options.js';

/** The stream to send to, and how requests are written. */
export const STREAM_OPTIONS = {
  stream: {
    flags: '--stream <name>',
    group: 'Target',
    help: 'Kinesis stream to send to',
    env: 'KLOAD_STREAM',
    schema: streamName,
  },
  streamArn: {
    flags: '--stream-arn <arn>',
    group: 'Target',
    help: 'Kinesis stream to send to, by its ARN',
    env: 'KLOAD_STREAM_ARN',
    schema: streamArn,
  },
  ...CONNECTION_OPTIONS,
  wire: {
    flags: '--wire <format>',
    group: 'Target',
    help: 'encoding of requests to Kinesis: cbor, or json for emulators that do not accept CBOR',
    defaultText: 'cbor; json if AWS_CBOR_DISABLE=true',
    env: 'KLOAD_WIRE',
    schema: oneOf('cbor', 'json'),
  },
} as const satisfies OptionTable;
