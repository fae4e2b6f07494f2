import { Command } from 'commander';
import { AWS_BATCH_OPTIONS, KUBERNETES_OPTIONS, SLURM_OPTIONS } from '../config/job-options.js';
import { RUN_OPTIONS } from '../config/run-options.js';
import { planRun } from '../config/run-plan.js';
import { KloadError } from '../core/errors.js';
import { checkArguments, type JobRun } from '../job/job.js';
import { RunArguments } from '../job/run-arguments.js';
import type { OptionTable } from '../options/option.js';
import { type OptionValues, parseOptions } from '../options/parse.js';
import { commandOf, givenOptions } from './command.js';
import { givenTo } from './config.js';
import { runCommand } from './run.js';

/** Each line fits a terminal of 80 columns. */
const EXAMPLES = `Examples:
  kload job kubernetes --parts 8 -- run --rps 1e6 --duration 10m --stream orders
  kload job slurm --parts 8 -- run orders.csv --stream orders --rps 1e5
`;

type CommonValues = OptionValues<typeof SLURM_OPTIONS>;

export function jobCommand(_finish: (exitCode: number) => void): Command {
  const command = new Command('job')
    .description('Print an array job for a scheduler, in which each process does one part of a run.')
    .addHelpText('before', EXAMPLES);
  return command
    .addCommand(
      kindOf('kubernetes', 'Print the manifests of an Indexed Job.', KUBERNETES_OPTIONS, async (run, values) => {
        const { kubernetesJob } = await import('../job/kubernetes.js');
        return kubernetesJob(run, values);
      }),
    )
    .addCommand(
      kindOf('slurm', 'Print a script for sbatch.', SLURM_OPTIONS, async (run) => {
        const { slurmJob } = await import('../job/slurm.js');
        return slurmJob(run);
      }),
    )
    .addCommand(
      kindOf('aws-batch', 'Print a job definition and a job, as JSON.', AWS_BATCH_OPTIONS, async (run, values) => {
        const { awsBatchJob } = await import('../job/aws-batch.js');
        return awsBatchJob(run, values);
      }),
    );
}

function kindOf<T extends OptionTable>(
  name: string,
  what: string,
  table: T,
  print: (run: JobRun, values: OptionValues<T>) => Promise<string>,
): Command {
  const command = commandOf(name, what, table);
  command.argument('<run...>', 'the run, after --: run, its files and its options, as for `kload run`');
  command.action(async ([verb, ...args]: readonly string[]) => {
    const values = parseOptions(table, givenOptions(command, table), {});
    if (verb !== 'run') {
      const hint = `write the run after --: kload job ${name} --parts 8 -- run --rps 1000`;
      throw new KloadError('usage', `a job is made of a run, not of '${verb}'`, hint);
    }
    const { parts, name: jobName, cpus, memory } = values as unknown as CommonValues;
    if (parts === undefined)
      throw new KloadError('usage', '--parts is missing', 'say how many parts, such as --parts 8');
    await checkRun(args);
    const run = { parts, name: jobName, cpus, memory, args: new RunArguments(args, RUN_OPTIONS) };
    checkArguments(run);
    process.stdout.write(await print(run, values));
  });
  return command;
}

/** Refuses what `kload run` would refuse. The variables of this machine are not those of the job. */
async function checkRun(args: readonly string[]): Promise<void> {
  const command = runCommand(() => {}).exitOverride();
  command.configureOutput({ outputError: () => {} });
  command.action(async (files: string[]) => {
    const { flags, file } = await givenTo(command, RUN_OPTIONS, 'files');
    planRun(flags, files, { KLOAD_PART: '1/1' }, 1, Date.now(), file);
  });
  await command.parseAsync([...args], { from: 'user' });
}
