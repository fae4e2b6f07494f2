import type { Command } from 'commander';
import { givenOptions } from '../../src/cli/command.js';
import { compareCommand } from '../../src/cli/compare.js';
import { emulateCommand } from '../../src/cli/emulate.js';
import { findMaxCommand } from '../../src/cli/find-max.js';
import { jobCommand } from '../../src/cli/job.js';
import { mergeCommand } from '../../src/cli/merge.js';
import { planCompare } from '../../src/cli/plan-compare.js';
import { reportCommand } from '../../src/cli/report.js';
import { runCommand } from '../../src/cli/run.js';
import { recordCommand, tailCommand } from '../../src/cli/tail.js';
import { verifyCommand } from '../../src/cli/verify.js';
import { COMPARE_OPTIONS } from '../../src/config/compare-options.js';
import { EMULATE_OPTIONS } from '../../src/config/emulate-options.js';
import { planEmulator } from '../../src/config/emulate-plan.js';
import { FIND_MAX_OPTIONS, planFindMax } from '../../src/config/find-max-plan.js';
import { MERGE_OPTIONS } from '../../src/config/merge-options.js';
import { REPORT_OPTIONS } from '../../src/config/report-options.js';
import { planReport } from '../../src/config/report-plan.js';
import { RUN_OPTIONS } from '../../src/config/run-options.js';
import { planRun } from '../../src/config/run-plan.js';
import { RECORD_OPTIONS, TAIL_OPTIONS } from '../../src/config/tail-options.js';
import { planTail } from '../../src/config/tail-plan.js';
import { VERIFY_OPTIONS } from '../../src/config/verify-options.js';
import { planVerify } from '../../src/config/verify-plan.js';
import { parseOptions } from '../../src/options/parse.js';

/** Throws unless kload would accept a command line, which it does not carry out. */
export async function checkOptions([name, ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  if (name === undefined || name === 'help' || args.includes('--help')) return;
  const check = CHECKS.get(name);
  if (check === undefined) {
    if (name.startsWith('-')) return;
    throw new Error(`there is no command ${name}`);
  }
  const command = check(env)
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  await command.parseAsync(args, { from: 'user' });
}

const finish = () => {};
const CHECKS: ReadonlyMap<string, (env: NodeJS.ProcessEnv) => Command> = new Map<
  string,
  (env: NodeJS.ProcessEnv) => Command
>([
  [
    'run',
    (env) => {
      const command = runCommand(finish);
      return command.action((files: string[]) => void planRun(givenOptions(command, RUN_OPTIONS), files, env, 2));
    },
  ],
  [
    'find-max',
    (env) => {
      const command = findMaxCommand(finish);
      return command.action(
        (files: string[]) => void planFindMax(givenOptions(command, FIND_MAX_OPTIONS), files, env, 2),
      );
    },
  ],
  [
    'tail',
    (env) => {
      const command = tailCommand(finish);
      return command.action((stream?: string) => {
        planTail('tail', stream, givenOptions(command, TAIL_OPTIONS), env, Date.now());
      });
    },
  ],
  [
    'record',
    (env) => {
      const command = recordCommand(finish);
      return command.action((stream?: string) => {
        planTail('record', stream, givenOptions(command, RECORD_OPTIONS), env, Date.now());
      });
    },
  ],
  [
    'verify',
    (env) => {
      const command = verifyCommand(finish);
      return command.action(() => void planVerify(givenOptions(command, VERIFY_OPTIONS), env, Date.now()));
    },
  ],
  [
    'report',
    () => {
      const command = reportCommand(finish);
      return command.action((file: string) => void planReport(file, givenOptions(command, REPORT_OPTIONS)));
    },
  ],
  [
    'compare',
    (env) => {
      const command = compareCommand(finish);
      return command.action((...files: (string | undefined)[]) => {
        const values = parseOptions(COMPARE_OPTIONS, givenOptions(command, COMPARE_OPTIONS), env);
        planCompare(
          values,
          files.slice(0, 2).filter((file) => file !== undefined),
        );
      });
    },
  ],
  [
    'merge',
    () => {
      const command = mergeCommand(finish);
      return command.action(() => void parseOptions(MERGE_OPTIONS, givenOptions(command, MERGE_OPTIONS), {}));
    },
  ],
  [
    'job',
    // It refuses what is wrong before it prints anything.
    () => jobCommand(finish),
  ],
  [
    'emulate',
    (env) => {
      const command = emulateCommand(finish);
      return command.action(() => void planEmulator(givenOptions(command, EMULATE_OPTIONS), env));
    },
  ],
]);
