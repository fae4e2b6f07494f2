import { KloadError } from '../core/errors.js';
import { EMULATE_OPTIONS } from './emulate-options.js';
import { parseOptions } from './parse.js';

export interface EmulatorPlan {
  readonly port: number;
  readonly host: string;
  readonly limits: boolean;
  readonly memoryMaxBytes: number;
  readonly dataDir?: string;
  readonly sync: 'os' | 'always';
  readonly streams: readonly { readonly name: string; readonly shards: number }[];
}

/** Decides an emulator from what the user gave. Throws a KloadError (usage) for values that do not fit. */
export function planEmulator(given: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv): EmulatorPlan {
  const { port, host, limits, stream, maxMemory, dataDir, sync } = parseOptions(EMULATE_OPTIONS, given, env);
  return {
    ...{ port, host, sync, memoryMaxBytes: maxMemory },
    ...(dataDir !== undefined && { dataDir }),
    limits: limits === 'on',
    streams: stream.map(streamOf),
  };
}

function streamOf(text: string): { name: string; shards: number } {
  const [, name, shards = '1'] = /^([a-zA-Z0-9_.-]{1,128})(?::([1-9]\d{0,4}))?$/.exec(text) ?? [];
  if (name === undefined) {
    throw new KloadError('usage', `--stream takes a name and a number of shards, as orders:4, not '${text}'`);
  }
  return { name, shards: Number(shards) };
}
