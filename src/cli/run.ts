import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { RUN_OPTIONS } from '../config/run-options.js';
import { planRun, runGiven } from '../config/run-plan.js';
import type { ScenarioFile } from '../config/scenario-plan.js';
import { keepYoungGenerationSmall } from '../system/young-generation.js';
import { commandOf } from './command.js';
import { givenTo, naming, printConfig } from './config.js';

/** Each line fits a terminal of 80 columns. */
const EXAMPLES = `Examples:
  kload run --rps 5000                                         # to an emulator
  kload run orders.csv --stream orders --respect-timing        # to Kinesis
  kload run --rps 1e4 --brokers localhost:9092 --topic orders  # to Kafka
`;

export function runCommand(finish: (exitCode: number) => void): Command {
  const command = commandOf(
    'run',
    'Send records to a stream or topic, at a given rate or with their recorded timing. They are read from files ' +
      '(CSV, NDJSON, JSON, lines of text or captures of Kinesis calls; plain, gzip or zstd) or generated.',
    RUN_OPTIONS,
  );
  command.addHelpText('before', EXAMPLES);
  command.argument('[files...]', "files to send; '-' is standard input; without files, records are generated");
  command.action(async (files: string[]) => {
    const { flags, file } = await givenTo(command, RUN_OPTIONS, 'files');
    if (file?.loads !== undefined) return finish(await runLoads(flags, files, { ...file, loads: file.loads }));
    const plan = planRun(flags, files, process.env, availableParallelism(), Date.now(), file);
    if (flags.printConfig === true) {
      const { given, env, files: args } = runGiven(flags, files, process.env, file);
      return printConfig(RUN_OPTIONS, { ...given, csv: undefined }, env, { key: 'files', args });
    }
    if (plan.dryRun !== undefined) {
      const { executeDryRun } = await import('./execute-dry-run.js');
      const count = plan.dryRun;
      return finish(await naming(RUN_OPTIONS, { flags, file }, () => executeDryRun(plan, count)));
    }
    keepYoungGenerationSmall();
    // Loaded only when there is a run: the SDK, the histograms and the threads slow down start-up.
    const { executeRun } = await import('./execute-run.js');
    finish(await naming(RUN_OPTIONS, { flags, file }, () => executeRun(plan)));
  });
  return command;
}

/** Does a run of several loads, and returns the exit code. */
async function runLoads(
  flags: Readonly<Record<string, unknown>>,
  files: readonly string[],
  file: ScenarioFile,
): Promise<number> {
  const { planScenario } = await import('../config/scenario-plan.js');
  const plan = planScenario(flags, files, process.env, availableParallelism(), Date.now(), file);
  if (flags.printConfig === true) {
    const { printScenario } = await import('./print-scenario.js');
    await printScenario(flags, process.env, file);
    return 0;
  }
  const count = plan.common.dryRun;
  if (count !== undefined) {
    const { executeDryRuns } = await import('./execute-dry-run.js');
    return naming(RUN_OPTIONS, { flags, file }, () => executeDryRuns(plan, count));
  }
  keepYoungGenerationSmall();
  const { executeScenario } = await import('./execute-run.js');
  return naming(RUN_OPTIONS, { flags, file }, () => executeScenario(plan));
}
