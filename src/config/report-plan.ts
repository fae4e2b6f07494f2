import { KloadError } from '../core/errors.js';
import type { OptionValues } from '../options/parse.js';
import { parseOptions } from '../options/parse.js';
import { rendererOf } from '../output/renderers.js';
import { REPORT_OPTIONS } from './report-options.js';

/** What `kload report` is asked for. */
export interface ReportPlan {
  /** '-' is standard input. */
  readonly file: string;
  /** None: print the summary. */
  readonly outputs: readonly string[];
}

export function planReport(file: string, given: Readonly<Record<string, unknown>>): ReportPlan {
  const { out }: OptionValues<typeof REPORT_OPTIONS> = parseOptions(REPORT_OPTIONS, given, {});
  if (file === '') throw new KloadError('usage', 'the name of the report is empty', 'name a JSON report');
  for (const output of out) rendererOf(output, '--out');
  return { file, outputs: out };
}
