import { Command, Option } from 'commander';
import type { OptionTable } from '../options/option.js';

/** A command with the options of a table, grouped in its help as in the reference. The values are parsed later. */
export function commandOf(name: string, description: string, table: OptionTable): Command {
  // The help already names the choices and the default.
  const command = new Command(name).description(description).configureHelp({ optionDescription: helpOf });
  for (const spec of Object.values(table)) {
    const shown =
      spec.defaultText ?? (spec.default === undefined || spec.default === true ? undefined : String(spec.default));
    const notes = [spec.repeatable && 'repeatable', shown && `default: ${shown}`, spec.env && `env: ${spec.env}`]
      .filter(Boolean)
      .join('; ');
    const option = new Option(spec.flags, notes === '' ? spec.help : `${spec.help} (${notes})`);
    if (spec.schema?.choices !== undefined) option.argChoices = [...spec.schema.choices];
    if (spec.repeatable) option.argParser((text: string, before: readonly string[] = []) => [...before, text]);
    option.helpGroup(`${spec.group}:`);
    command.addOption(option);
  }
  return command;
}

function helpOf({ description }: Option): string {
  return description;
}

/** The options given on the command line, by name. */
export function givenOptions(command: Command, table: OptionTable): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(table)) {
    if (command.getOptionValueSource(name) === 'cli') given[name] = command.getOptionValue(name);
  }
  return given;
}
