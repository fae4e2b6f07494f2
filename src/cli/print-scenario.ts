import { loadsText } from '../config/config-text.js';
import { writtenOptions } from '../config/layers.js';
import { RUN_OPTIONS } from '../config/run-options.js';
import { isOfWholeRun, type ScenarioFile, scenarioGiven } from '../config/scenario-plan.js';

/** Prints the options in effect as a file for `--config`: those of the whole run, and each load with all others. */
export async function printScenario(
  flags: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
  file: ScenarioFile,
): Promise<void> {
  const loads = scenarioGiven(flags, env, file).map(({ name, given, env: ofLoad, files }, i) => {
    const isOwn = (option: string) => !isOfWholeRun(option) || file.loads[i]!.given[option] !== undefined;
    const written = Object.entries(writtenOptions(RUN_OPTIONS, { ...given, csv: undefined }, ofLoad));
    return { name, files, written: Object.fromEntries(written.filter(([option]) => isOwn(option))) };
  });
  const whole = Object.entries(writtenOptions(RUN_OPTIONS, { ...file.given, ...flags }, env));
  const written = Object.fromEntries(whole.filter(([option]) => isOfWholeRun(option)));
  process.stdout.write(loadsText(RUN_OPTIONS, written, loads));
}
