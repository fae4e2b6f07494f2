import type { Command, Option } from 'commander';

/** What may follow an option, or be an argument. */
export type Completed = 'nothing' | 'anything' | 'files' | readonly string[];

export interface CompletedOption {
  /** '--rps' */
  readonly flag: string;
  readonly about: string;
  readonly repeatable: boolean;
  readonly value: Completed;
  /** Whether the value may be left out. */
  readonly optional: boolean;
  /** '<file>' without the brackets; empty for a switch. */
  readonly valueName: string;
}

export interface CompletedCommand {
  readonly name: string;
  readonly about: string;
  readonly options: readonly CompletedOption[];
  readonly argument: Completed;
}

const ABOUT_CHARS_MAX = 70;
const HELP: CompletedOption = {
  ...{ flag: '--help', about: 'print the help', repeatable: false, value: 'nothing', optional: false, valueName: '' },
};

/** What can be completed after `kload`, from the commands themselves. */
export function completedCommands(commands: readonly Command[]): CompletedCommand[] {
  return commands.map((command) => ({
    name: command.name(),
    about: short(command.description()),
    options: [...optionsOf(command), HELP],
    argument: command.commands.length > 0 ? command.commands.map((one) => one.name()) : argumentOf(command),
  }));
}

/** Of a command with commands of its own, the options of all of them. */
function optionsOf(command: Command): CompletedOption[] {
  const options = [command, ...command.commands].flatMap((one) => one.options.filter(({ hidden }) => !hidden));
  return [...new Map(options.map((option) => [option.long, optionOf(option)])).values()];
}

function optionOf(option: Option): CompletedOption {
  const valueName = /[<[](.*)[>\]]/.exec(option.flags)?.[1] ?? '';
  const value = option.argChoices ?? (valueName === 'file' || valueName === 'dir' ? 'files' : 'anything');
  return {
    flag: option.long ?? option.flags,
    about: short(option.description),
    repeatable: option.parseArg !== undefined,
    value: valueName === '' ? 'nothing' : value,
    optional: option.optional,
    valueName,
  };
}

function argumentOf({ registeredArguments: [argument] }: Command): Completed {
  if (argument === undefined) return 'nothing';
  return argument.argChoices ?? (argument.name() === 'files' ? 'files' : 'anything');
}

/** The beginning of a description: the first clause without its notes. */
function short(description: string): string {
  const [clause = ''] = description.split(/; | \(|\. |\.$/, 1);
  return clause.length > ABOUT_CHARS_MAX ? `${clause.slice(0, ABOUT_CHARS_MAX - 1)}…` : clause;
}
