import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { FIND_MAX_OPTIONS, planFindMax } from '../config/find-max-plan.js';
import { keepYoungGenerationSmall } from '../system/young-generation.js';
import { commandOf, givenOptions } from './command.js';

export function findMaxCommand(finish: (exitCode: number) => void): Command {
  const command = commandOf(
    'find-max',
    'Find the highest rate that a stream or topic holds: raise the rate until a bound breaks, narrow the range, and ' +
      'confirm the result.',
    FIND_MAX_OPTIONS,
  );
  command.argument('[files...]', 'files to send, again and again; without files, records are generated');
  command.action(async (files: string[]) => {
    const plan = planFindMax(givenOptions(command, FIND_MAX_OPTIONS), files, process.env, availableParallelism());
    keepYoungGenerationSmall();
    const { executeFindMax } = await import('./execute-find-max.js');
    finish(await executeFindMax(plan));
  });
  return command;
}
