import { flagOf, type OptionSpec } from '../options/option.js';
import { fileOfPart, type PartPlan, partOption } from './part-plan.js';
import { GENERATED_OPTIONS, type RunOption } from './run-conflicts.js';
import { RUN_OPTIONS, type RunValues } from './run-options.js';

/** How a run saves its progress so that it can be resumed. */
export interface CheckpointPlan {
  readonly file: string;
  /** As the user named it: a part of a run has a file of its own. */
  readonly named: string;
  readonly intervalMs: number;
  /** Whether to continue from the file. */
  readonly resume: boolean;
  /** The options that decide which records are sent and where, by flag, as the user wrote them. */
  readonly options: Readonly<Record<string, string>>;
}

export function checkpointOf(
  values: RunValues,
  given: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
  isGenerated: boolean,
  part: PartPlan | undefined,
): CheckpointPlan | undefined {
  const { checkpoint: named, checkpointInterval: intervalMs, resume } = values;
  if (named === undefined) return undefined;
  const file = fileOfPart(named, part, true);
  const options: Record<string, string> = partOption(part);
  for (const [name, spec] of Object.entries<OptionSpec>(RUN_OPTIONS)) {
    if (spec.sameOnResume !== true) continue;
    if (!isGenerated && GENERATED_OPTIONS.includes(name as RunOption)) continue;
    if (!isGenerated && name === 'seed' && values.arrival.kind !== 'poisson') continue;
    const text = textOf(spec, values[name as keyof RunValues], given[name] ?? env[spec.env ?? '']);
    if (text !== undefined) options[flagOf(spec)] = text;
  }
  return { file, named, intervalMs, resume, options };
}

/** A value as the user would write it; undefined if the option has no effect. */
function textOf(spec: OptionSpec, value: unknown, written: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'boolean') return value === (spec.default === true) ? undefined : 'given';
  return String(written || spec.default);
}
