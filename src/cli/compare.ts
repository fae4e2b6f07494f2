import type { Command } from 'commander';
import { COMPARE_OPTIONS } from '../config/compare-options.js';
import { parseOptions } from '../options/parse.js';
import { commandOf, givenOptions } from './command.js';

/** Each line fits a terminal of 80 columns. */
const EXAMPLES = `Examples:
  kload compare base.json new.json
  kload compare base.json new.json --fail-if 'latency.p99 > +5%' --out cmp.html
  kload compare --base a1.json a2.json a3.json a4.json \\
                --new b1.json b2.json b3.json b4.json
`;

export function compareCommand(finish: (exitCode: number) => void): Command {
  const command = commandOf(
    'compare',
    'Compare runs by their JSON reports: is the new one slower, or is the difference chance?',
    COMPARE_OPTIONS,
  );
  command.addHelpText('before', EXAMPLES);
  command.argument('[base.json]', 'the report of the run to compare with');
  command.argument('[new.json]', 'the report of the run that is compared with it');
  command.action(async (base: string | undefined, changed: string | undefined) => {
    const values = parseOptions(COMPARE_OPTIONS, givenOptions(command, COMPARE_OPTIONS), process.env);
    // Loaded only when there is something to compare, as for the other commands.
    const { planCompare } = await import('./plan-compare.js');
    const plan = planCompare(
      values,
      [base, changed].filter((file) => file !== undefined),
    );
    const { executeCompare } = await import('./execute-compare.js');
    finish(await executeCompare(plan));
  });
  return command;
}
