import type { OptionTable } from './option.js';
import { memorySize, oneOf, text, whole } from './values.js';

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
  maxMemory: {
    flags: '--max-memory <bytes>',
    group: 'Storage',
    help: 'memory for records (512MiB, 4GiB); beyond it the oldest leave, with --data-dir only from memory',
    default: 512 * 1024 ** 2,
    defaultText: '512MiB',
    env: 'KLOAD_MAX_MEMORY',
    schema: memorySize,
  },
  dataDir: {
    flags: '--data-dir <dir>',
    group: 'Storage',
    help: 'keep everything in this folder across restarts',
    defaultText: 'in memory alone',
    env: 'KLOAD_DATA_DIR',
    schema: text,
  },
  sync: {
    flags: '--sync <os|always>',
    group: 'Storage',
    help: 'acknowledge a write once the operating system has it, which a crash of kload cannot undo, or once it is on the disk',
    default: 'os',
    env: 'KLOAD_SYNC',
    schema: oneOf('os', 'always'),
  },
} as const satisfies OptionTable;
