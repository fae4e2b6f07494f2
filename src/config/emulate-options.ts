import { section } from '../options/option.js';
import {
  accessKey,
  account,
  duration,
  limitsSetting,
  memorySize,
  oneOf,
  region,
  text,
  whole,
} from '../options/values.js';
import { CONFIG_OPTIONS } from './config-options.js';

/** The options of `kload emulate`. */
export const EMULATE_OPTIONS = {
  ...section('Server', {
    port: {
      flags: '--port <n>',
      help: 'port to listen on; 0 picks a free one',
      default: 4566,
      schema: whole(0, 65_535),
    },
    host: {
      flags: '--host <address>',
      help: 'address to listen on; the default accepts connections from this machine only',
      default: '127.0.0.1',
      schema: text,
    },
    tlsCert: {
      flags: '--tls-cert <file>',
      help: 'TLS certificate, in PEM; needs --tls-key',
      defaultText: 'generated when needed',
      schema: text,
    },
    tlsKey: {
      flags: '--tls-key <file>',
      help: 'private key of --tls-cert, in PEM',
      schema: text,
    },
    printCa: {
      flags: '--print-ca',
      help: 'print the CA certificate that TLS clients must trust, in PEM; GET /_kload/ca.pem also returns it',
    },
    verifySignatures: {
      flags: '--verify-signatures <id:secret>',
      help: 'accept only requests signed with this access key; the variable keeps the secret out of the process list',
      defaultText: 'any signature is accepted',
      secret: true,
      schema: accessKey,
    },
    allowOrigin: {
      flags: '--allow-origin <origin>',
      repeatable: true,
      help:
        'origin of web pages that may use the emulator, such as https://app.example.com; * for all (default: pages on ' +
        'this machine)',
    },
    allowHost: {
      flags: '--allow-host <name>',
      repeatable: true,
      help: 'host name under which /_kload/ is served, such as kload (default: localhost and IP addresses)',
    },
  }),
  ...section('Streams', {
    stream: {
      flags: '--stream <name:shards>',
      repeatable: true,
      help: 'stream to create at startup, such as orders, orders:4 or orders:on-demand',
    },
    account: {
      flags: '--account <digits>',
      help: 'account of these streams, and of callers whose access key ID is not itself an account',
      default: '000000000000',
      schema: account,
    },
    region: {
      flags: '--region <region>',
      help: 'region of these streams',
      default: 'us-east-1',
      schema: region,
    },
    createDelay: {
      flags: '--create-delay <time>',
      help: 'how long a stream that a client creates stays CREATING',
      default: '0',
      schema: duration,
    },
    updateDelay: {
      flags: '--update-delay <time>',
      help: 'how long a stream stays UPDATING after a split, a merge or a change of its settings',
      default: '0',
      schema: duration,
    },
    deleteDelay: {
      flags: '--delete-delay <time>',
      help: 'how long a stream stays DELETING',
      default: '0',
      schema: duration,
    },
    consumerDelay: {
      flags: '--consumer-delay <time>',
      help: 'how long a consumer stays CREATING or DELETING',
      default: '0',
      schema: duration,
    },
  }),
  ...section('Limits and faults', {
    limits: {
      flags: '--limits <limits>',
      help: "on: enforce the service's limits; off: only those that bound memory; 10x: ten times each; or a JSON file",
      default: 'on',
      schema: limitsSetting,
    },
    fault: {
      flags: '--fault <fault>',
      repeatable: true,
      help: 'fault to inject from the start, such as internal-error:operation=PutRecords,percentage=5',
    },
    faultSeed: {
      flags: '--fault-seed <n>',
      help: 'seed for choosing requests; the same faults, requests and seed give the same hits',
      default: 1,
      schema: whole(0, 2 ** 32 - 1),
    },
  }),
  ...section('Storage', {
    maxMemory: {
      flags: '--max-memory <bytes>',
      help: 'memory for records (512MiB, 4GiB); beyond it the oldest are dropped (with --data-dir, only from memory)',
      default: 512 * 1024 ** 2,
      defaultText: '512MiB',
      schema: memorySize,
    },
    dataDir: {
      flags: '--data-dir <dir>',
      help: 'directory that keeps everything across restarts',
      defaultText: 'in memory only',
      schema: text,
    },
    sync: {
      flags: '--sync <os|always>',
      help:
        'acknowledge a write once the operating system has it (os: survives a crash of kload) or once it is on disk ' +
        '(always: survives a power cut)',
      default: 'os',
      schema: oneOf('os', 'always'),
    },
  }),
  ...section('Log', {
    logLevel: {
      flags: '--log-level <level>',
      help: 'requests to log: off, error, info (a sample of similar requests), or debug (all)',
      default: 'info',
      schema: oneOf('off', 'error', 'info', 'debug'),
    },
    logFormat: {
      flags: '--log-format <format>',
      help: 'log format: text or json',
      default: 'text',
      schema: oneOf('text', 'json'),
    },
  }),
  ...CONFIG_OPTIONS,
};
