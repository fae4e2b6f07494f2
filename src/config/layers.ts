import { KloadError } from '../core/errors.js';
import { flagOf, type OptionTable } from '../options/option.js';
import { switchText } from '../options/parse.js';
import type { ConfigFile } from './config-file.js';

type Given = Readonly<Record<string, unknown>>;

/** The file's options that neither a flag nor a variable sets. */
export function notOverridden(table: OptionTable, given: Given, env: NodeJS.ProcessEnv, file: ConfigFile): Given {
  const isFree = (name: string) => given[name] === undefined && !env[table[name]?.env ?? ''];
  return Object.fromEntries(Object.entries(file.given).filter(([name]) => isFree(name)));
}

/** The options as a command line would give them, by name, whether they come from flags, variables or a file. */
export function writtenOptions(table: OptionTable, given: Given, env: NodeJS.ProcessEnv): Record<string, unknown> {
  const written: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(table)) {
    const text = env[spec.env ?? ''];
    const fromEnv = text === undefined || text === '' ? undefined : spec.schema === undefined ? switchText(text) : text;
    const value = given[name] ?? fromEnv;
    const isOff = spec.schema === undefined && spec.repeatable !== true && value === (spec.default === true);
    if (value !== undefined && !isOff) written[name] = value;
  }
  return written;
}

/** Calls `plan`, and throws its error as `withSources` makes it. */
export function namingSources<T>(
  table: OptionTable,
  given: Given,
  env: NodeJS.ProcessEnv,
  file: ConfigFile | undefined,
  plan: () => T,
): T {
  try {
    return plan();
  } catch (error) {
    throw withSources(error, table, given, env, file);
  }
}

/** An error whose hint also says where the options come from that its message names, unless they are flags. */
export function withSources(
  error: unknown,
  table: OptionTable,
  given: Given,
  env: NodeJS.ProcessEnv,
  file: ConfigFile | undefined,
): unknown {
  if (!(error instanceof KloadError)) return error;
  const named = new Set(error.message.match(/--[a-z][a-z-]*/g));
  const sources = Object.entries(table).flatMap(([name, spec]) => {
    const flag = flagOf(spec);
    if (!named.has(flag) || given[name] !== undefined) return [];
    const source = spec.env !== undefined && env[spec.env] ? spec.env : file?.places.get(name);
    return source === undefined ? [] : [`${flag} comes from ${source}`];
  });
  if (sources.length === 0) return error;
  const hint = [...(error.hint === undefined ? [] : [error.hint]), ...sources].join('; ');
  return new KloadError(error.exit, error.message, hint);
}
