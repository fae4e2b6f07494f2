import { Argument, Command } from 'commander';
import { bashCompletion } from './bash.js';
import { fishCompletion } from './fish.js';
import { type CompletedCommand, completedCommands } from './model.js';
import { zshCompletion } from './zsh.js';

const SHELLS: Readonly<Record<string, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** @param allCommands loads every command, this one included */
export function completionCommand(allCommands: () => Promise<readonly Command[]>): Command {
  const command = new Command('completion').description(
    'Print a script with which a shell completes commands, options and their values.',
  );
  command.addArgument(new Argument('<shell>', 'the shell that the script is for').choices(Object.keys(SHELLS)));
  command.addHelpText('after', '\nIn ~/.bashrc: source <(kload completion bash)');
  command.action(async (shell: string) => {
    process.stdout.write(SHELLS[shell]!(completedCommands(await allCommands())));
  });
  return command;
}
