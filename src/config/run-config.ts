import type { RecordedMoment } from '../core/recording.js';
import type { ArrivalConfig, RunConfig } from '../core/run-config.js';
import { type Arrival, lengthOf, peakOf, type ScheduleMode } from '../core/schedule-mode.js';
import { targetKind } from '../target/kinds.js';
import type { InputPlan, RunPlan } from './run-plan.js';

/**
 * The plan of a run as its report shows it.
 *
 * @param unwrapped whether the data turned out to be recorded calls to Kinesis
 */
export function configOf(plan: RunPlan, unwrapped: boolean): RunConfig {
  const { checkpoint } = plan;
  return {
    input: inputConfig(plan.input, unwrapped),
    partitionKey: plan.partitionKey ?? null,
    spread: plan.spread,
    ordered: plan.ordered,
    onBadRecord: plan.skipBadRecords ? 'skip' : 'fail',
    count: plan.count ?? null,
    durationMs: plan.durationMs ?? null,
    maxTimeMs: plan.maxTimeMs ?? null,
    schedule: scheduleConfig(plan.schedule),
    startAt: plan.startAtMs === undefined ? null : new Date(plan.startAtMs).toISOString(),
    workers: plan.workers,
    batchSize: plan.batchSize,
    lingerMs: plan.lingerMs,
    maxInFlight: plan.requestsInFlightMax,
    target: targetKind(plan.target.kind).settings(plan.target),
    maxAttempts: plan.maxAttempts ?? null,
    deadLetter: plan.deadLetter ?? null,
    targetTimeoutMs: plan.targetTimeoutMs,
    drainTimeoutMs: plan.drainTimeoutMs,
    warmUpMs: plan.warmUpMs,
    checkpoint: checkpoint
      ? { file: checkpoint.file, intervalMs: checkpoint.intervalMs, resume: checkpoint.resume }
      : null,
  };
}

function inputConfig(input: InputPlan, unwrapped: boolean): RunConfig['input'] {
  if (input.kind === 'generated') {
    const { kind, seed, keys, keyDistribution, hotShard = null, size = null, template = null, avro } = input;
    const recordSize = size?.kind === 'fixed' ? size.bytes : size;
    const encoded = {
      schema: avro?.file ?? null,
      encode: avro === undefined ? null : ('avro' as const),
      schemaId: avro?.schemaId ?? null,
      glueSchemaVersion: avro?.glueSchemaVersion ?? null,
    };
    return { kind, recordSize, keys, seed, keyDistribution, hotShard, template, ...encoded };
  }
  return {
    kind: 'files',
    files: input.files,
    format: input.format,
    delimiter: input.delimiter ?? null,
    header: input.header,
    dataField: input.dataField ?? null,
    dataEncoding: input.dataEncoding,
    unwrap: unwrapped ? 'kinesis' : 'none',
    timestampField: input.timestampField ?? null,
    timestampFormat: input.timestampFormat,
    timestampZone: input.timestampZone ?? null,
    partitionKeyField: input.partitionKeyField ?? null,
    explicitHashKeyField: input.explicitHashKeyField ?? null,
    headersField: input.headersField ?? null,
    from: momentText(input.part?.from),
    to: momentText(input.part?.to),
    reorderWindowMs: input.reorderWindowMs ?? null,
    loop: input.loop,
  };
}

/** As `--from` and `--to` take it. */
function momentText(moment: RecordedMoment | undefined): string | null {
  if (moment === undefined) return null;
  return moment.sinceFirst ? `+${moment.ms}ms` : new Date(moment.ms).toISOString();
}

function scheduleConfig(schedule: ScheduleMode): RunConfig['schedule'] {
  switch (schedule.kind) {
    case 'recorded':
      return { kind: schedule.kind, speed: schedule.speed, maxGapMs: schedule.gapMaxMs ?? null };
    case 'constant-rate':
      return { kind: schedule.kind, rps: schedule.rps, ...arrivalConfig(schedule.arrival) };
    case 'bytes-per-second':
      return { kind: schedule.kind, bytesPerSecond: schedule.bytesPerSecond, ...arrivalConfig(schedule.arrival) };
    case 'stages':
      return stagesConfig(schedule);
    case 'as-fast-as-possible':
      return schedule;
  }
}

/** A rate file may have a line for each second of a day: the report names it, and leaves its lines out. */
function stagesConfig({ stages, file, arrival }: Extract<ScheduleMode, { kind: 'stages' }>): RunConfig['schedule'] {
  const shape = { durationMs: lengthOf(stages), peakRps: peakOf(stages), ...arrivalConfig(arrival) };
  if (file === undefined) return { kind: 'stages', stages, ...shape };
  return { kind: 'rate-file', file, stages: stages.length, ...shape };
}

function arrivalConfig(arrival: Arrival = { kind: 'even' }): ArrivalConfig {
  return {
    arrival: arrival.kind,
    burstMs: arrival.kind === 'burst' ? arrival.everyMs : null,
    seed: arrival.kind === 'poisson' ? arrival.seed : null,
  };
}
