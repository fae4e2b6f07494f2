import { basename } from 'node:path';
import type { CompareDifference } from '../core/comparison.js';
import type { Report } from '../core/report.js';
import { formatRate } from '../core/units.js';

/** Rates that differ by more make latencies incomparable: a fuller target is a slower one. */
export const RATE_OFF_MAX = 0.02;

type Value = string | number | boolean | null | undefined;

/** What decides which load a run puts on which target. If one of these differs, the runs answer different questions. */
const LOAD: Readonly<Record<string, (report: Report) => Value>> = {
  'target.kind': ({ target }) => target.kind,
  'target.stream': ({ target }) => target.stream,
  'target.endpoint': ({ target }) => target.endpoint && withoutLocalPort(target.endpoint),
  'target.region': ({ target }) => target.region,
  'target.shards': ({ target }) => target.shards,
  'target.limits': ({ target }) => target.limits,
  'config.input.kind': ({ config }) => config.input.kind,
  'config.input.files': ({ config }) =>
    config.input.kind === 'files' ? config.input.files.map((file) => basename(file)).join(', ') : null,
  ...ofInput('format', 'delimiter', 'header', 'dataField', 'dataEncoding', 'unwrap'),
  ...ofInput('timestampField', 'timestampFormat', 'timestampZone', 'partitionKeyField', 'explicitHashKeyField'),
  ...ofInput('headersField', 'from', 'to', 'reorderWindowMs', 'loop', 'recordSize', 'keys'),
  ...ofInput('seed', 'keyDistribution', 'hotShard', 'encode', 'schemaId', 'glueSchemaVersion'),
  'config.input.template': ({ config }) =>
    config.input.kind === 'generated' ? templateName(config.input.template) : null,
  'config.input.schema': ({ config }) =>
    config.input.kind === 'generated' ? templateName(config.input.schema ?? null) : null,
  /** Files of one name may hold other records. */
  'input.files[0].firstTimestamp': ({ input }) => input.files[0]?.firstTimestamp,
  'config.partitionKey': ({ config }) => config.partitionKey,
  'config.spread': ({ config }) => config.spread,
  'config.ordered': ({ config }) => config.ordered,
  'config.schedule.kind': ({ config }) => config.schedule.kind,
  ...ofSchedule('speed', 'maxGapMs', 'stages', 'durationMs', 'peakRps', 'bytesPerSecond', 'arrival', 'burstMs', 'seed'),
  'config.schedule.file': ({ config: { schedule } }) =>
    schedule.kind === 'rate-file' ? basename(schedule.file) : null,
};

const RATE = 'config.schedule.rps';

/** The names that `--ignore` takes. */
export const LOAD_FIELDS: readonly string[] = [...Object.keys(LOAD), RATE, 'loads'];

/** What may explain a difference, but leaves the question the same. */
const ALSO: Readonly<Record<string, (report: Report) => Value>> = {
  durationMs: ({ config }) => config.durationMs,
  count: ({ config }) => config.count,
  batchSize: ({ config }) => config.batchSize,
  lingerMs: ({ config }) => config.lingerMs,
  maxInFlight: ({ config }) => config.maxInFlight,
  workers: ({ config }) => config.workers,
  maxAttempts: ({ config }) => config.maxAttempts,
  warmUpMs: ({ config }) => config.warmUpMs,
};
const HOST = ['kload', 'node', 'platform', 'processors'] as const;

/**
 * The fields that make two runs incomparable.
 *
 * @param ignored fields that the user knows to differ
 */
export function loadDifferences(base: Report, changed: Report, ignored: readonly string[]): CompareDifference[] {
  const fields = Object.entries(LOAD).map(([field, of]) => ({ field, base: of(base), new: of(changed) }));
  if (base.loads !== undefined && changed.loads !== undefined) return differencesOfLoads(base, changed, ignored);
  const isSameKind = base.config.schedule.kind === changed.config.schedule.kind;
  // Schedules of two kinds have different fields, which say no more than the kinds do.
  const isAbout = (field: string) => isSameKind || field === 'config.schedule.kind' || !/\.schedule\./.test(field);
  const differences = fields.filter((one) => !isSame(one.base, one.new) && isAbout(one.field)).map(asTexts);
  const [from, to] = [rateOf(base), rateOf(changed)];
  if (from !== undefined && to !== undefined && isRateOff(from, to)) {
    differences.push({ field: RATE, base: `${formatRate(from)}/s`, new: `${formatRate(to)}/s` });
  }
  return differences.filter(({ field }) => !ignored.includes(field));
}

/** Loads of the same name are compared with each other: 'orders: config.schedule.rps'. */
function differencesOfLoads(base: Report, changed: Report, ignored: readonly string[]): CompareDifference[] {
  const names = ({ loads = [] }: Report) => loads.map(({ name }) => name);
  const all = { base: names(base).join(', '), new: names(changed).join(', ') };
  if (all.base !== all.new) return [{ field: 'loads', ...all }].filter(({ field }) => !ignored.includes(field));
  return (base.loads ?? []).flatMap((load, i) =>
    loadDifferences(load, changed.loads![i]!, ignored).map((one) => ({ ...one, field: `${load.name}: ${one.field}` })),
  );
}

/** What else differs: the settings of the sender, and the machine. */
export function otherDifferences(base: Report, changed: Report): CompareDifference[] {
  const settings = Object.entries(ALSO).map(([name, of]) => {
    return { field: `config.${name}`, base: of(base), new: of(changed) };
  });
  const targetNames = new Set([...Object.keys(base.config.target), ...Object.keys(changed.config.target)]);
  // Where the records go is a matter of the load.
  for (const name of ['kind', 'stream', 'topic', 'endpointUrl', 'brokers', 'region']) targetNames.delete(name);
  const target = [...targetNames].map((name) => {
    const of = ({ config }: Report): Value => JSON.stringify(config.target[name]);
    return { field: `config.target.${name}`, base: of(base), new: of(changed) };
  });
  const host = HOST.map((name) => ({ field: `host.${name}`, base: base.host[name], new: changed.host[name] }));
  return [...settings, ...target, ...host].filter((one) => !isSame(one.base, one.new)).map(asTexts);
}

export function isRateOff(base: number, changed: number): boolean {
  return Math.abs(changed - base) > RATE_OFF_MAX * base;
}

function ofInput(...names: readonly string[]): Record<string, (report: Report) => Value> {
  return ofPart('input', names);
}

function ofSchedule(...names: readonly string[]): Record<string, (report: Report) => Value> {
  return ofPart('schedule', names);
}

function ofPart(part: 'input' | 'schedule', names: readonly string[]): Record<string, (report: Report) => Value> {
  const of = (name: string) => (report: Report) =>
    asValue((report.config[part] as unknown as Record<string, unknown>)[name]);
  return Object.fromEntries(names.map((name) => [`config.${part}.${name}`, of(name)]));
}

/** Laws and stages are objects: they are the same if their texts are. */
function asValue(value: unknown): Value {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as Value);
}

/** A template file may be in another folder. */
function templateName(template: string | null): Value {
  return template === null || template.includes('{{') ? template : basename(template);
}

function rateOf({ config: { schedule } }: Report): number | undefined {
  return schedule.kind === 'constant-rate' ? schedule.rps : undefined;
}

/** A field that a version of kload does not write yet is as good as null. */
function isSame(a: Value, b: Value): boolean {
  return (a ?? null) === (b ?? null);
}

function asTexts({ field, base, new: changed }: { field: string; base: Value; new: Value }): CompareDifference {
  return { field, base: String(base ?? 'none'), new: String(changed ?? 'none') };
}

/** Emulators in tests take a free port. */
function withoutLocalPort(endpoint: string): string {
  return endpoint.replace(/^((?:https?:\/\/)?(?:127\.0\.0\.1|localhost|\[::1\])):\d+/, '$1');
}
