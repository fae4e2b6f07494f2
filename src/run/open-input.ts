import { basename } from 'node:path';
import type { InputPlan, RunPlan } from '../config/run-plan.js';
import type { Source } from '../core/record.js';
import { GeneratedSource } from '../generate/generated-source.js';
import { openSource } from '../input/open-source.js';
import { originOf } from '../input/origin.js';
import { targetKind } from '../target/kinds.js';

/** The input of a run: its records, and what to call it. */
export interface OpenInput {
  readonly source: Source;
  readonly label: string;
  /** When the recording of the whole run begins, epoch milliseconds; undefined: with the first record read. */
  readonly originMs: number | undefined;
}

export async function openInput(plan: RunPlan): Promise<OpenInput> {
  const { input, schedule } = plan;
  if (input.kind === 'generated') {
    return { source: new GeneratedSource(), label: 'generated records', originMs: undefined };
  }
  // A record with an unreadable timestamp is bad if times pace or select records, or if the user says how to read them.
  // Otherwise only its dead letter would show the time.
  const needsTimestamp = schedule.kind === 'recorded' || input.part !== undefined || input.timestampFormat !== 'auto';
  const pacing = schedule.kind === 'recorded' ? schedule : undefined;
  const { record: traits } = targetKind(plan.target.kind);
  const options = { ...input, needsTimestamp, traits, pacing };
  const { part } = plan;
  const begins = pacing !== undefined && part !== undefined && part.by !== 'key';
  const firstMs = begins ? await originOf({ ...options, files: part.files }) : undefined;
  const originMs = firstMs && Math.max(firstMs, input.part?.from?.ms ?? firstMs);
  return { source: await openSource(options), label: labelOf(input), originMs };
}

function labelOf({ files }: Extract<InputPlan, { kind: 'files' }>): string {
  const [first = ''] = files;
  const name = first === '-' ? 'standard input' : basename(first);
  return files.length === 1 ? name : `${name} and ${files.length - 1} more`;
}
