import type { ReadValue } from './values.js';

/** Where an option stands in `--help` and in README. */
export type OptionGroup =
  | 'Input'
  | 'Rate'
  | 'Sending'
  | 'Target'
  | 'Kafka'
  | 'Failures'
  | 'Resuming'
  | 'Output'
  | 'Server'
  | 'Streams'
  | 'Limits and faults'
  | 'Storage'
  | 'Log'
  | 'Reading'
  | 'End';

/** One option of a command: all that is ever said of it is said here. */
export interface OptionSpec {
  /** As commander and README write it: '--rps <n>', '--loop', '--no-header'. */
  readonly flags: string;
  readonly group: OptionGroup;
  /** May be given several times; its value is then the list of texts. */
  readonly repeatable?: true;
  readonly help: string;
  /** The value when nothing is given. Left out: there is none, or it follows from the rest of the run. */
  readonly default?: unknown;
  /** What the default is, in words, where the value alone would not tell. */
  readonly defaultText?: string;
  /** The environment variable that gives the value when the flag does not. Not for repeatable options and `--no-…`. */
  readonly env?: string;
  /** A run that is resumed must have it as it was: else other records would be sent, or elsewhere. */
  readonly sameOnResume?: true;
  /** What the flag means without its value, where it may stand alone: '--fan-out [name]'. */
  readonly bare?: string;
  /** Left out: the option is a switch, or takes any text. */
  readonly schema?: ReadValue<unknown>;
}

/** Options by the name of the value they set. */
export type OptionTable = Readonly<Record<string, OptionSpec>>;
