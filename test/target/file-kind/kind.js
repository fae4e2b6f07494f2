import { appendFileSync, writeFileSync } from 'node:fs';
import { KloadError } from '../../../dist/src/core/errors.js';
import { HASH_KEY_RECORDS } from '../../../dist/src/core/record.js';
import { text } from '../../../dist/src/options/values.js';
import { nowMs } from '../../../dist/src/system/clock.js';

/** A kind of target as somebody would add one: it appends each record's data to a file. This folder is all there is. */

/** @typedef {import('../../../src/target/kind.js').TargetConfig & { readonly path: string }} FileConfig */

const OPTIONS = /** @type {const} */ ({
  appendTo: { flags: '--append-to <file>', group: 'Target', help: 'the file to append to', schema: text },
});

/** @type {import('../../../src/target/kind.js').TargetKind} */
export const fileKind = {
  name: 'file',
  about: 'appends to a file',
  words: { target: 'file', shard: 'shard' },
  options: OPTIONS,
  selectedBy: ['appendTo'],
  selectHint: 'pass --target file',
  sharedOptions: () => [],
  unusedOptions: () => [],
  exclusive: [],
  plan({ appendTo }) {
    if (appendTo === undefined) throw new KloadError('usage', '--target file needs a file', 'name it with --append-to');
    return { kind: 'file', path: appendTo };
  },
  settings(plan) {
    const { kind, path } = /** @type {FileConfig} */ (plan);
    return { kind, appendTo: path };
  },
  warning: () => undefined,
  record: HASH_KEY_RECORDS,
  batchRecords: { default: 100, max: 200 },
  unit: 'record',
  attemptsMax: 1,
  hasShardLimits: false,
  async open(plan) {
    const { path } = /** @type {FileConfig} */ (plan);
    writeFileSync(path, '');
    return {
      config: /** @type {FileConfig} */ ({ kind: 'file', path }),
      report: { kind: 'file', stream: path, endpoint: null, region: null, shards: 0, limits: false },
      shardIds: [],
      spread: undefined,
      recordBytesMax: 1000,
      batchBytesMax: 100_000,
      recordOverheadBytes: 1,
      onCrash: () => {},
      close: async () => {},
    };
  },
  connect: async (config) => new FileTarget(/** @type {FileConfig} */ (config).path),
  partitioner: () => ({ ids: [], indexOf: () => 0 }),
  describe: ({ stream }) => [`file ${stream}`],
  location: () => 'this machine',
};

/** @implements {import('../../../src/target/target.js').Target} */
class FileTarget {
  recognisesResends = false;

  /** @param {string} path */
  constructor(path) {
    this.path = path;
  }

  async warmUp() {}

  /** @type {import('../../../src/target/target.js').Target['send']} */
  async send(batch, offered) {
    const offeredAtMs = nowMs();
    offered(offeredAtMs);
    const lines = batch.map(({ source, dataStart, dataEnd }) => `${source.toString('utf8', dataStart, dataEnd)}\n`);
    appendFileSync(this.path, lines.join(''));
    return { offered: true, offeredAtMs, endedAtMs: nowMs(), refusal: undefined, failures: [], shardIds: [] };
  }

  close() {}
}
