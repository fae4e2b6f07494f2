import type { Command } from 'commander';
import { REPORT_OPTIONS } from '../config/report-options.js';
import { planReport } from '../config/report-plan.js';
import { commandOf, givenOptions } from './command.js';

export function reportCommand(finish: (exitCode: number) => void): Command {
  const what = 'Print the summary of a run again, or write its report in other forms.';
  const command = commandOf('report', what, REPORT_OPTIONS);
  command.argument('<file>', "JSON report of a run; '-' is standard input");
  command.action(async (file: string) => {
    const plan = planReport(file, givenOptions(command, REPORT_OPTIONS));
    // Loaded only when there is a report: the histograms slow down start-up.
    const { executeReport } = await import('./execute-report.js');
    finish(await executeReport(plan));
  });
  return command;
}
