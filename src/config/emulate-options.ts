import type { OptionTable } from './option.js';
import { oneOf, text, whole } from './values.js';

/** The options of `kload emulate`. */
export const EMULATE_OPTIONS = {
  port: {
    flags: '--port <n>',
    group: 'Server',
    help: 'port to listen on; 0 takes a free one',
    default: 4566,
    env: 'KLOAD_PORT',
    schema: whole(0, 65_535),
  },
  host: {
    flags: '--host <address>',
    group: 'Server',
    help: 'address to listen on',
    default: '127.0.0.1',
    env: 'KLOAD_HOST',
    schema: text,
  },
  stream: {
    flags: '--stream <name:shards>',
    group: 'Server',
    repeatable: true,
    help: 'a stream to begin with, as orders or orders:4',
  },
  limits: {
    flags: '--limits <on|off>',
    group: 'Server',
    help: "whether streams keep the service's limits per shard",
    default: 'on',
    env: 'KLOAD_LIMITS',
    schema: oneOf('on', 'off'),
  },
} as const satisfies OptionTable;
