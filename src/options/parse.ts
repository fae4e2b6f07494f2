import { KloadError } from '../core/errors.js';
import { flagOf, type OptionSpec, type OptionTable } from './option.js';
import { type ReadValue, ValueError } from './values.js';

/** The value of each option in a table: what its schema returns, a boolean for a switch, or a list of texts. */
export type OptionValues<T extends OptionTable> = {
  readonly [K in keyof T]: T[K] extends { schema: ReadValue<infer V> }
    ? T[K] extends { default: unknown }
      ? V
      : V | undefined
    : T[K] extends { repeatable: true }
      ? readonly string[]
      : boolean;
};

const SWITCH_TEXTS: Readonly<Record<string, boolean>> = {
  '1': true,
  true: true,
  yes: true,
  '0': false,
  false: false,
  no: false,
};

/**
 * Parses options given on the command line (texts, lists and switches). Flags win over environment variables, which win
 * over defaults. Throws a KloadError (usage) that names the flag or the variable.
 */
export function parseOptions<T extends OptionTable>(
  table: T,
  given: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
): OptionValues<T> {
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(table)) {
    const fromEnv = spec.env === undefined ? undefined : env[spec.env];
    const [source, raw] =
      given[name] !== undefined ? [flagOf(spec), given[name]] : [spec.env ?? '', fromEnv || undefined];
    values[name] = readValue(spec, source, raw);
  }
  return values as OptionValues<T>;
}

/** Whether the user gave the option, by flag or by environment variable. */
export function isGiven(spec: OptionSpec, given: unknown, env: NodeJS.ProcessEnv): boolean {
  const text = spec.env === undefined ? '' : (env[spec.env] ?? '');
  // A switch that the environment turns off counts as not given.
  const isOff = spec.schema === undefined && switchText(text) === false;
  return given !== undefined || (text !== '' && !isOff);
}

/** What a variable says about a switch; undefined if it is neither on nor off. */
export function switchText(text: string): boolean | undefined {
  return SWITCH_TEXTS[text.toLowerCase()];
}

function readValue(spec: OptionSpec, source: string, raw: unknown): unknown {
  if (spec.repeatable) return Array.isArray(raw) ? raw : [];
  if (spec.schema === undefined) return readSwitch(spec, source, raw);
  const value = raw === true && spec.bare !== undefined ? spec.bare : (raw ?? spec.default);
  return value === undefined || typeof value === 'number' ? value : readText(spec.schema, source, String(value));
}

/** @throws KloadError `usage`, which names the `source` of the text: a flag, a variable or an argument */
export function readText<T>(read: ReadValue<T>, source: string, text: string): T {
  try {
    return read(text);
  } catch (error) {
    throw error instanceof ValueError ? new KloadError('usage', `${source} ${error.message}`) : error;
  }
}

function readSwitch(spec: OptionSpec, source: string, raw: unknown): boolean {
  if (raw === undefined) return spec.default === true;
  if (typeof raw === 'boolean') return raw;
  const value = switchText(String(raw));
  if (value === undefined) throw new KloadError('usage', `${source} takes true or false, not '${String(raw)}'`);
  return value;
}
