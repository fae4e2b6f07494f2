import type { InputReport } from '../../core/report.js';
import type { RunConfig } from '../../core/run-config.js';

/** Options whose value is null where loads differ. */
const NULLABLE = ['partitionKey', 'count', 'durationMs', 'maxAttempts', 'deadLetter', 'checkpoint'] as const;

/** What the loads have in common. Where they differ, it is null, or that of the first load. */
export function configOfAll(configs: readonly RunConfig[]): RunConfig {
  const first = configs[0]!;
  const isSame = (name: keyof RunConfig) =>
    configs.every((config) => JSON.stringify(config[name]) === JSON.stringify(first[name]));
  const differing = NULLABLE.filter((name) => !isSame(name)).map((name) => [name, null]);
  const target = Object.entries(first.target).map(([name, value]) => [
    name,
    configs.every((config) => JSON.stringify(config.target[name]) === JSON.stringify(value)) ? value : null,
  ]);
  return {
    ...first,
    ...Object.fromEntries(differing),
    input: { kind: 'loads', loads: configs.length },
    schedule: { kind: 'loads', loads: configs.length },
    target: { ...Object.fromEntries(target), kind: first.target.kind },
    maxInFlight: configs.reduce((sum, { maxInFlight }) => sum + maxInFlight, 0),
  };
}

export function inputOfAll(inputs: readonly InputReport[]): InputReport {
  const sum = (of: (input: InputReport) => number) => inputs.reduce((total, input) => total + of(input), 0);
  return {
    files: inputs.flatMap(({ files }) => files),
    outside: sum(({ outside }) => outside),
    unwrapped: inputs.some(({ unwrapped }) => unwrapped),
    late: sum(({ late }) => late),
    early: sum(({ early }) => early),
    nullKeys: sum(({ nullKeys }) => nullKeys),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder),
    outOfOrderMaxMs: Math.max(...inputs.map(({ outOfOrderMaxMs }) => outOfOrderMaxMs)),
    clockJumps: sum(({ clockJumps }) => clockJumps),
    clockJumpMaxMs: Math.max(...inputs.map(({ clockJumpMaxMs }) => clockJumpMaxMs)),
  };
}
