import type { Command } from 'commander';
import { MERGE_OPTIONS } from '../config/merge-options.js';
import { parseOptions } from '../options/parse.js';
import { commandOf, givenOptions } from './command.js';

/** Each line fits a terminal of 80 columns. */
const EXAMPLES = `Examples:
  kload merge part-*.json
  kload merge part-*.json --report all.html --report all.json
`;

export function mergeCommand(finish: (exitCode: number) => void): Command {
  const what = 'Merge the JSON reports of the parts of a run into the report of the run.';
  const command = commandOf('merge', what, MERGE_OPTIONS);
  command.addHelpText('before', EXAMPLES);
  command.argument('<files...>', 'JSON reports of `kload run --part`, one of each part');
  command.action(async (files: readonly string[]) => {
    const { report, allowMissing } = parseOptions(MERGE_OPTIONS, givenOptions(command, MERGE_OPTIONS), {});
    // Loaded only when there is something to merge: the histograms slow down start-up.
    const { executeMerge } = await import('./execute-merge.js');
    finish(await executeMerge({ files, reports: report, allowMissing: allowMissing === true }));
  });
  return command;
}
