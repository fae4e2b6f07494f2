import { section } from '../options/option.js';
import { oneOf, streamArn, streamName } from '../options/values.js';
import { CONNECTION_OPTIONS } from './connection-options.js';

/** The stream to send to, and how requests are written. */
export const STREAM_OPTIONS = {
  ...section('Target', {
    stream: {
      flags: '--stream <name>',
      help: 'Kinesis stream to send to',
      schema: streamName,
    },
    streamArn: {
      flags: '--stream-arn <arn>',
      help: 'Kinesis stream to send to, by its ARN',
      schema: streamArn,
    },
  }),
  ...CONNECTION_OPTIONS,
  ...section('Target', {
    wire: {
      flags: '--wire <format>',
      help: 'encoding of requests to Kinesis: cbor, or json for emulators that do not accept CBOR',
      defaultText: 'cbor; json if AWS_CBOR_DISABLE=true',
      schema: oneOf('cbor', 'json'),
    },
  }),
};
