import { flagsOnly } from '../options/option.js';
import { text } from '../options/values.js';

/** The options of every command that a `--config` file can set. */
export const CONFIG_OPTIONS = flagsOnly('Configuration', {
  config: {
    flags: '--config <file>',
    help:
      'read options from this YAML or JSON file, with the long options as keys; flags and environment variables win ' +
      'over it',
    commandLineOnly: true,
    schema: text,
  },
  printConfig: {
    flags: '--print-config',
    help: 'print the options in effect as a file for --config, without secrets, and do nothing else',
    commandLineOnly: true,
  },
});
