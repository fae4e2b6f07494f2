import type { Command } from 'commander';
import { VERIFY_OPTIONS } from '../config/verify-options.js';
import { planVerify } from '../config/verify-plan.js';
import { commandOf, givenOptions } from './command.js';

/** Each line fits a terminal of 80 columns. */
const EXAMPLES = `Examples:
  kload verify --input big.csv --stream orders --from -1h
  kload verify --stream orders --against orders-copy
`;

export function verifyCommand(finish: (exitCode: number) => void): Command {
  const what = 'Check that a stream or topic holds the records of a recording, or of another one.';
  const command = commandOf('verify', what, VERIFY_OPTIONS);
  command.addHelpText('before', EXAMPLES);
  command.action(async () => {
    const plan = planVerify(givenOptions(command, VERIFY_OPTIONS), process.env, Date.now());
    // Loaded only when there is something to verify, as for the other commands.
    const { executeVerify } = await import('./execute-verify.js');
    finish(await executeVerify(plan));
  });
  return command;
}
