import { COMPRESSIONS } from '../core/compression.js';
import { section } from '../options/option.js';
import { oneOf } from '../options/values.js';
import { KAFKA_CONNECTION_OPTIONS } from './connection-options.js';

/** The topic to send to, and how batches are produced. */
export const TOPIC_OPTIONS = {
  ...KAFKA_CONNECTION_OPTIONS,
  ...section('Kafka', {
    acks: {
      flags: '--acks <who>',
      help:
        'acknowledgements that a batch needs to count as sent: all (every in-sync replica), 1 (the leader), or 0 ' +
        '(none: it counts once written to the socket)',
      default: 'all',
      schema: oneOf('0', '1', 'all'),
    },
    compression: {
      flags: '--compression <codec>',
      help: 'compression of batches: none, gzip, snappy, lz4 or zstd',
      default: 'none',
      schema: oneOf(...COMPRESSIONS),
    },
    idempotent: {
      flags: '--idempotent',
      help: 'let brokers recognise a batch that is sent again, so a lost response causes no duplicates; needs --acks all',
    },
  }),
};
