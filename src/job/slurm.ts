import { canResume, hasStart, type JobRun } from './job.js';

/** A script for sbatch. Nodes share the folder that it is submitted from, as is usual with Slurm. */
export function slurmJob(run: JobRun): string {
  const { name, parts, cpus, memory } = run;
  const job = `${name}-$SLURM_ARRAY_JOB_ID`;
  const start = hasStart(run) || parts === 1 ? '' : ` --barrier-dir "${job}.barrier"`;
  const report = run.args.flags.has('--report') ? '' : ` --report "${job}.json"`;
  const args = run.args.with(({ file }) => file).map(quoted);
  return `#!/bin/bash
#SBATCH --job-name=${name}
#SBATCH --array=1-${parts}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=${cpus}
#SBATCH --mem=${memory}M
#SBATCH --output=${name}-%A.%a.log
#SBATCH --open-mode=append
#SBATCH --${canResume(run) ? 'requeue' : 'no-requeue'}
# The barrier and the reports are in the folder in which sbatch is called; all nodes must share it.
# When the job has ended: kload merge ${name}-JOBID.*of${parts}.json --report all.html

exec kload run ${args.join(' ')} --part auto${start}${report}
`;
}

/** As one word of the shell. */
function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`;
}
