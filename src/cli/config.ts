import type { Command } from 'commander';
import type { ArgumentKey, ConfigFile } from '../config/config-file.js';
import { withSources, writtenOptions } from '../config/layers.js';
import type { OptionTable } from '../options/option.js';
import { givenOptions } from './command.js';

/** What the user gave to a command, beside variables. */
export interface Given {
  readonly flags: Readonly<Record<string, unknown>>;
  /** undefined: there was no `--config`. */
  readonly file: ConfigFile | undefined;
}

/** Reads the flags of a command, and the file that `--config` names. */
export async function givenTo(command: Command, table: OptionTable, argument?: ArgumentKey): Promise<Given> {
  const { config, ...flags } = givenOptions(command, table);
  if (config === undefined) return { flags, file: undefined };
  // Loaded only when there is a file: the YAML library slows down start-up.
  const { readConfigFile } = await import('../config/config-file.js');
  return { flags, file: readConfigFile(String(config), table, argument) };
}

/** Does what was planned, and says in errors where options come from. */
export async function naming<T>(table: OptionTable, { flags, file }: Given, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw withSources(error, table, flags, process.env, file);
  }
}

/** Prints options as a file for `--config`. */
export async function printConfig(
  table: OptionTable,
  given: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
  argument?: { readonly key: ArgumentKey; readonly args: readonly string[] },
): Promise<void> {
  const { configText } = await import('../config/config-text.js');
  process.stdout.write(configText(table, writtenOptions(table, given, env), argument));
}
