import { type Command, Option } from 'commander';
import { TAIL_OPTIONS } from '../config/tail-options.js';
import { planTail } from '../config/tail-plan.js';
import { commandOf, givenOptions } from './command.js';
import { keepYoungGenerationSmall } from './young-generation.js';

export function tailCommand(finish: (exitCode: number) => void): Command {
  const command = commandOf(
    'tail',
    'Read a stream, emulated or real, and follow it: as text, or as records that `kload run` sends again.',
    TAIL_OPTIONS,
  );
  command.argument('<stream>', 'its name or ARN');
  // The default, for those whose fingers type it.
  command.addOption(new Option('-f, --follow').hideHelp());
  command.action(async (stream: string) => {
    const plan = planTail(stream, givenOptions(command, TAIL_OPTIONS), process.env, Date.now());
    keepYoungGenerationSmall();
    // Loaded only when there is something to read: the SDK costs start-up time.
    const { executeTail } = await import('./execute-tail.js');
    finish(await executeTail(plan));
  });
  return command;
}
