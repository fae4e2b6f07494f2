import { flagsOnly } from '../options/option.js';
import { rendererHelp } from '../output/renderers.js';

/** The options of `kload report`. */
export const REPORT_OPTIONS = flagsOnly('Output', {
  out: {
    flags: '--out <file>',
    repeatable: true,
    help: `write the report: ${rendererHelp()}`,
    defaultText: 'print the summary of the run',
  },
});
