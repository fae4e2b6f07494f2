import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { configOf } from '../../config/run-config.js';
import type { RunPlan } from '../../config/run-plan.js';
import { version } from '../../system/version.js';
import { madeFromFiles } from '../made-records.js';

const ID_DIGITS = 16;

/**
 * The same text for all parts of a run, and another one for other runs: of what they send, where and when. Workers and
 * the names of folders and outputs may differ between machines; `--start-at` is left out of a part that resumes.
 */
export async function runIdOf(plan: RunPlan): Promise<string> {
  const { input, schedule: _, workers, deadLetter, checkpoint, startAt, ...config } = configOf(plan, false);
  const madeFrom = madeFromFiles(plan);
  const files = [...(plan.part?.files ?? []), ...madeFrom];
  const template = plan.input.kind === 'generated' ? plan.input.template : undefined;
  const shared = {
    kload: version(),
    config,
    // The names of files are below, and how they are unwrapped follows from them.
    input: {
      ...input,
      files: [],
      unwrap: plan.input.kind === 'files' ? plan.input.unwrap : 'none',
      template: null,
      schema: null,
    },
    text: template === undefined || madeFrom.includes(template) ? null : template,
    schedule: { ...plan.schedule, file: null },
    thresholds: plan.thresholds.map(({ text }) => text),
    parts: plan.part?.of,
    by: plan.part?.by,
    files: await Promise.all(files.map(async (file) => ({ name: basename(file), bytes: await bytesOf(file) }))),
  };
  return createHash('sha256').update(JSON.stringify(shared)).digest('hex').slice(0, ID_DIGITS);
}

/** undefined: it is standard input or a pipe, or opening it will say why it cannot be read. */
async function bytesOf(file: string): Promise<number | undefined> {
  const stats = file === '-' ? undefined : await stat(file).catch(() => undefined);
  return stats?.isFile() ? stats.size : undefined;
}
