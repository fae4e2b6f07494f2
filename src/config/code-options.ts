import { inspect } from 'node:util';
import { KloadError } from '../core/errors.js';
import { flagOf, type OptionSpec } from '../options/option.js';
import type { ReadValue } from '../options/values.js';
import { RUN_OPTIONS } from './run-options.js';

/** Options that only a command line needs. */
const COMMAND_LINE_ONLY = ['csv', 'dashboard', 'quiet', 'config', 'printConfig', 'dryRun'] as const;
type CommandLineOnly = (typeof COMMAND_LINE_ONLY)[number];

/** What code gives for an option: the text that follows the flag, a number, a list, or a switch. */
type CodeValue<Spec> = Spec extends { readonly repeatable: true }
  ? string | readonly string[]
  : Spec extends { readonly schema: ReadValue<infer Value> }
    ? Value extends string
      ? Value
      : Value extends number
        ? number | string
        : Value extends readonly string[]
          ? string | readonly string[]
          : string
    : boolean;

/**
 * The long flags of `kload run` in camelCase. Times and sizes are texts with their unit, as in a shell: '30s', '1kB'.
 */
export type CodeOptions = {
  readonly [Name in Exclude<keyof typeof RUN_OPTIONS, CommandLineOnly>]?:
    | CodeValue<(typeof RUN_OPTIONS)[Name]>
    | undefined;
};

/**
 * The options as a command line would give them.
 *
 * @throws KloadError `usage` for one that does not exist, or whose value is of another type
 */
export function givenByCode(options: CodeOptions): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const spec = (COMMAND_LINE_ONLY as readonly string[]).includes(name) ? undefined : specOf(name);
    if (spec === undefined) {
      throw new KloadError('usage', `unknown option '${name}'`, 'options are the long flags of kload run in camelCase');
    }
    const read = readerOf(spec)(flagOf(spec), value);
    // A switch that is set to its default is a flag that is left out.
    if (typeof read !== 'boolean' || read !== (spec.default === true)) given[name] = read;
  }
  return given;
}

function readerOf(spec: OptionSpec): (name: string, value: unknown) => unknown {
  if (spec.repeatable) return texts;
  return spec.schema === undefined ? readSwitch : readText;
}

/**
 * A list of texts; a single one is a list of one.
 *
 * @param name of the option, for the message of the error
 * @throws KloadError `usage` for anything but texts
 */
export function texts(name: string, value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const odd = list.filter((one) => typeof one !== 'string');
  return odd.length === 0 ? (list as readonly string[]) : refuse(name, 'texts', odd[0]);
}

function readSwitch(name: string, value: unknown): boolean {
  return typeof value === 'boolean' ? value : refuse(name, 'true or false', value);
}

/** The text that a command line would have. Lists are separated by commas there. */
function readText(name: string, value: unknown): string {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  const odd = parts.filter((part) => !['string', 'number', 'bigint'].includes(typeof part));
  return odd.length === 0 ? parts.join(',') : refuse(name, 'a text or a number', odd[0]);
}

function refuse(name: string, takes: string, value: unknown): never {
  throw new KloadError('usage', `${name} takes ${takes}, not ${inspect(value, { depth: 0, breakLength: Infinity })}`);
}

/** Without the variables that stand for options: code says itself what it wants. */
export function environmentOfCode(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const rest = { ...env };
  for (const { env: name } of Object.values<OptionSpec>(RUN_OPTIONS)) if (name !== undefined) delete rest[name];
  return rest;
}

function specOf(name: string): OptionSpec | undefined {
  return Object.hasOwn(RUN_OPTIONS, name) ? RUN_OPTIONS[name as keyof typeof RUN_OPTIONS] : undefined;
}
