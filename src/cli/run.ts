import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { RUN_OPTIONS } from '../config/run-options.js';
import { planRun } from '../config/run-plan.js';
import { keepYoungGenerationSmall } from '../system/young-generation.js';
import { commandOf, givenOptions } from './command.js';

/** Each fits a terminal of 80 columns. */
const EXAMPLES = `Examples:
  kload run --rps 5000                                         # to an emulator
  kload run orders.csv --stream orders --respect-timing        # to Kinesis
  kload run --rps 1e4 --brokers localhost:9092 --topic orders  # to Kafka
`;

export function runCommand(finish: (exitCode: number) => void): Command {
  const command = commandOf(
    'run',
    'Send records to a stream or a topic: recordings (CSV, NDJSON, also gzipped) or generated ones, at a rate or at their recorded moments.',
    RUN_OPTIONS,
  );
  command.addHelpText('before', EXAMPLES);
  command.argument('[files...]', "recordings to send, '-' is standard input; none: generated records");
  command.action(async (files: string[]) => {
    const plan = planRun(givenOptions(command, RUN_OPTIONS), files, process.env, availableParallelism());
    keepYoungGenerationSmall();
    // Loaded only when there is something to run: the SDK, the histograms and the threads cost start-up time.
    const { executeRun } = await import('./execute-run.js');
    finish(await executeRun(plan));
  });
  return command;
}
