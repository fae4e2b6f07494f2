import { flagsOnly } from '../options/option.js';
import { rendererHelp } from '../output/renderers.js';

/** The options of `kload merge`. */
export const MERGE_OPTIONS = {
  ...flagsOnly('Input', {
    allowMissing: {
      flags: '--allow-missing',
      help: 'merge the parts that there are; the report names the others',
    },
  }),
  ...flagsOnly('Output', {
    report: {
      flags: '--report <file>',
      repeatable: true,
      help: `write the report of the whole run: ${rendererHelp()}`,
    },
  }),
};
