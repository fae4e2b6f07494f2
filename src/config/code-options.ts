import { KloadError } from '../core/errors.js';
import type { OptionSpec } from '../options/option.js';
import type { ReadValue } from '../options/values.js';
import { RUN_OPTIONS } from './run-options.js';

/** Options that only a command line needs. */
const COMMAND_LINE_ONLY = ['csv', 'dashboard', 'quiet'] as const;
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
 * @throws KloadError `usage` for one that does not exist
 */
export function givenByCode(options: CodeOptions): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const spec = (COMMAND_LINE_ONLY as readonly string[]).includes(name) ? undefined : specOf(name);
    if (spec === undefined) {
      throw new KloadError('usage', `unknown option '${name}'`, 'options are the long flags of kload run in camelCase');
    }
    if (spec.repeatable) given[name] = listOf(value);
    else given[name] = typeof value === 'boolean' ? value : String(value);
  }
  return given;
}

/** Without the variables that stand for options: code says itself what it wants. */
export function environmentOfCode(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const rest = { ...env };
  for (const { env: name } of Object.values<OptionSpec>(RUN_OPTIONS)) if (name !== undefined) delete rest[name];
  return rest;
}

/** A single value is a list of one. */
export function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

function specOf(name: string): OptionSpec | undefined {
  return Object.hasOwn(RUN_OPTIONS, name) ? RUN_OPTIONS[name as keyof typeof RUN_OPTIONS] : undefined;
}
