import { type Command, Option } from 'commander';
import { RECORD_OPTIONS, TAIL_OPTIONS } from '../config/tail-options.js';
import { planTail, type TailCommand, tailGiven } from '../config/tail-plan.js';
import { keepYoungGenerationSmall } from '../system/young-generation.js';
import { commandOf } from './command.js';
import { givenTo, naming, printConfig } from './config.js';

type Finish = (exitCode: number) => void;

export function tailCommand(finish: Finish): Command {
  const what = 'Read a stream or topic and follow it, as text or as records that `kload run` can send again.';
  return readingCommand('tail', what, TAIL_OPTIONS, finish);
}

export function recordCommand(finish: Finish): Command {
  const what = 'Record a stream or topic to a file that `kload run` can send again.';
  return readingCommand('record', what, RECORD_OPTIONS, finish);
}

function readingCommand(
  name: TailCommand,
  what: string,
  options: typeof TAIL_OPTIONS | typeof RECORD_OPTIONS,
  finish: Finish,
): Command {
  const command = commandOf(name, what, options);
  command.argument('[stream]', 'name or ARN of a Kinesis stream; use --topic for a Kafka topic');
  // Following is the default; the flag is accepted out of habit from `tail -f`.
  command.addOption(new Option('-f, --follow').hideHelp());
  command.action(async (stream: string | undefined) => {
    const { flags, file } = await givenTo(command, options, 'stream');
    const plan = planTail(name, stream, flags, process.env, Date.now(), file);
    if (flags.printConfig === true) {
      const { given, env, stream: named } = tailGiven(name, stream, flags, process.env, file);
      return printConfig(options, given, env, { key: 'stream', args: named === undefined ? [] : [named] });
    }
    keepYoungGenerationSmall();
    // Loaded only when there is something to read: the SDK slows down start-up.
    const { executeTail } = await import('./execute-tail.js');
    finish(await naming(options, { flags, file }, () => executeTail(plan)));
  });
  return command;
}
