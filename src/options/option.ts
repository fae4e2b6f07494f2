import type { ReadValue } from './values.js';

/** The section of `--help` and the reference pages that lists an option. */
export type OptionGroup =
  | 'Input'
  | 'Rate'
  | 'Search'
  | 'Sending'
  | 'Target'
  | 'Kafka'
  | 'Failures'
  | 'Resuming'
  | 'Output'
  | 'Many machines'
  | 'Server'
  | 'Streams'
  | 'Limits and faults'
  | 'Storage'
  | 'Log'
  | 'Reading'
  | 'Configuration'
  | 'End'
  | 'Runs'
  | 'Verdict'
  | 'Job';

/** One option of a command. Its flag, variable, default, help and row in the reference all come from here. */
export interface OptionSpec {
  /** As commander and the reference write it: '--rps <n>', '--loop', '--no-header'. */
  readonly flags: string;
  readonly group: OptionGroup;
  /** May be given several times; its value is then the list of texts. */
  readonly repeatable?: true;
  readonly help: string;
  /** The value if nothing is given. Left out: no value, or one that depends on other options. */
  readonly default?: unknown;
  /** The default in words, if the value alone is not clear. */
  readonly defaultText?: string;
  /** The environment variable to read if the flag is not given. */
  readonly env?: string;
  /** It decides which records are sent or where, so a resumed run must have the same value. */
  readonly sameOnResume?: true;
  /** The value of a flag given without one, if its value is optional: '--fan-out [name]'. */
  readonly bare?: string;
  /** It cannot be set by a `--config` file. */
  readonly commandLineOnly?: true;
  /** Its value must not be printed. */
  readonly secret?: true;
  /** Parses the text of the value. Left out: the option is a switch, or takes any text. */
  readonly schema?: ReadValue<unknown>;
}

/** Options, by the name of the value they set. */
export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** Options as their tables declare them: their section adds the rest. */
type Declared = Readonly<Record<string, Omit<OptionSpec, 'group' | 'env'>>>;
type Section<T> = { readonly [Name in keyof T]: T[Name] & Pick<OptionSpec, 'group' | 'env'> };

/**
 * The options of one section. Each can also be set by a variable that is named after its flag (`--max-gap`:
 * KLOAD_MAX_GAP), except for repeatable options and `--no-…`.
 */
export function section<const T extends Declared>(group: OptionGroup, options: T): Section<T> {
  const specs = Object.entries(options).map(([name, spec]) => {
    const flag = flagOf(spec);
    const hasVariable = !spec.repeatable && !flag.startsWith('--no-');
    const env = `KLOAD_${flag.slice('--'.length).toUpperCase().replaceAll('-', '_')}`;
    return [name, { ...spec, group, ...(hasVariable && { env }) }];
  });
  return Object.fromEntries(specs);
}

/** The options of one section, for which no variables are read. */
export function flagsOnly<const T extends Declared>(group: OptionGroup, options: T): Section<T> {
  return Object.fromEntries(Object.entries(options).map(([name, spec]) => [name, { ...spec, group }])) as Section<T>;
}

/** '--rps <n>' without its value: '--rps'. */
export function flagOf({ flags }: Pick<OptionSpec, 'flags'>): string {
  return flags.split(' ', 1)[0] ?? flags;
}

/** '--no-header' as the key of a `--config` file: 'no-header'. */
export function keyOf(spec: Pick<OptionSpec, 'flags'>): string {
  return flagOf(spec).slice('--'.length);
}
