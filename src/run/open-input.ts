import { basename } from 'node:path';
import type { InputPlan, RunPlan } from '../config/run-plan.js';
import { KloadError } from '../core/errors.js';
import type { Source } from '../core/record.js';
import { generatedBytes, generatedSource } from '../generate/generated-source.js';
import { openSource } from '../input/open-source.js';
import { targetKind } from '../target/kinds.js';

/** The input of a run: its records, and what to call it. */
export async function openInput(plan: RunPlan): Promise<{ source: Source; label: string }> {
  const { input, schedule } = plan;
  if (input.kind === 'generated') return { source: generatedSource(input), label: 'generated records' };
  // A record with an unreadable timestamp is bad if times pace or select records, or if the user says how to read them.
  // Otherwise only its dead letter would show the time.
  const needsTimestamp = schedule.kind === 'recorded' || input.part !== undefined || input.timestampFormat !== 'auto';
  const pacing = schedule.kind === 'recorded' ? schedule : undefined;
  const { record: traits } = targetKind(plan.target.kind);
  return { source: await openSource({ ...input, needsTimestamp, traits, pacing }), label: labelOf(input) };
}

/** All generated records have the same size. @throws KloadError `usage` if the target does not accept that size */
export function checkGeneratedSize({ input }: RunPlan, recordBytesMax: number): void {
  const bytes = input.kind === 'generated' ? generatedBytes(input) : 0;
  if (bytes > recordBytesMax) {
    const what = `a generated record has ${bytes} bytes with its key, the target takes ${recordBytesMax}`;
    throw new KloadError('usage', `--record-size is too large: ${what}`, 'make it smaller');
  }
}

function labelOf({ files }: Extract<InputPlan, { kind: 'files' }>): string {
  const [first = ''] = files;
  const name = first === '-' ? 'standard input' : basename(first);
  return files.length === 1 ? name : `${name} and ${files.length - 1} more`;
}
