import { type Command, Option } from 'commander';
import { RECORD_OPTIONS, TAIL_OPTIONS } from '../config/tail-options.js';
import { planTail, type TailCommand } from '../config/tail-plan.js';
import { keepYoungGenerationSmall } from '../system/young-generation.js';
import { commandOf, givenOptions } from './command.js';

type Finish = (exitCode: number) => void;

export function tailCommand(finish: Finish): Command {
  const what = 'Read a stream or a topic, and follow it: as text, or as records that `kload run` sends again.';
  return readingCommand('tail', what, TAIL_OPTIONS, finish);
}

export function recordCommand(finish: Finish): Command {
  const what = 'Write what comes from a stream or a topic to a file, which `kload run` sends again.';
  return readingCommand('record', what, RECORD_OPTIONS, finish);
}

function readingCommand(
  name: TailCommand,
  what: string,
  options: typeof TAIL_OPTIONS | typeof RECORD_OPTIONS,
  finish: Finish,
): Command {
  const command = commandOf(name, what, options);
  command.argument('[stream]', 'the name or ARN of a stream; a topic of Kafka is named by --topic');
  // The default, for those whose fingers type it.
  command.addOption(new Option('-f, --follow').hideHelp());
  command.action(async (stream: string | undefined) => {
    const plan = planTail(name, stream, givenOptions(command, options), process.env, Date.now());
    keepYoungGenerationSmall();
    // Loaded only when there is something to read: the SDK costs start-up time.
    const { executeTail } = await import('./execute-tail.js');
    finish(await executeTail(plan));
  });
  return command;
}
