import { flagsOnly } from '../options/option.js';
import type { OptionValues } from '../options/parse.js';
import { whole } from '../options/values.js';

export const COMPARE_OPTIONS = {
  ...flagsOnly('Runs', {
    base: {
      flags: '--base <files...>',
      repeatable: true,
      help: 'the runs to compare with, if there are several',
    },
    new: {
      flags: '--new <files...>',
      repeatable: true,
      help: 'the runs that are compared with them',
    },
    ignore: {
      flags: '--ignore <field>',
      repeatable: true,
      help: 'compare although this field of the reports differs, such as target.stream',
    },
  }),
  ...flagsOnly('Verdict', {
    failIf: {
      flags: '--fail-if <change>',
      repeatable: true,
      help: "exit with 99 if this change is shown, or cannot be told: 'latency.p99 > +5%', 'rps.achieved < -1%'",
    },
    seed: {
      flags: '--seed <n>',
      help: 'draw other resamples',
      default: 1,
      schema: whole(0, 2 ** 31 - 1),
    },
  }),
  ...flagsOnly('Output', {
    out: {
      flags: '--out <file>',
      repeatable: true,
      help: 'write the comparison: .html for a page that draws both, .md for a pull request, .json',
    },
  }),
};

export type CompareValues = OptionValues<typeof COMPARE_OPTIONS>;
