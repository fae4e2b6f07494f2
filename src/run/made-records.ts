import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import type { InputPlan, RunPlan } from '../config/run-plan.js';
import { KloadError, messageOf } from '../core/errors.js';
import type { SizeLaw } from '../core/made-load.js';
import { formatCount } from '../core/units.js';
import { type MadeAvro, RecordError } from '../generate/avro/avro-body.js';
import { readSchema, SchemaError } from '../generate/avro/schema.js';
import { type HotShard, keyText } from '../generate/keys.js';
import { generatedSizeMin, type MadeRecords, type MadeTemplate, RecordMaker } from '../generate/record-maker.js';
import { columnsFor } from '../generate/template/compile.js';
import { TemplateError } from '../generate/template/parse.js';
import type { OpenTarget } from '../target/kind.js';
import { targetKind } from '../target/kinds.js';

type Generated = Extract<InputPlan, { kind: 'generated' }>;

export const RECORD_HINT = 'change the template or the schema';

/** Keys among which those of a hot shard are looked for. */
const HOT_SHARD_KEYS_MAX = 1_000_000;

/** The files that records are made from: a template and a schema. */
export function madeFromFiles(plan: RunPlan): string[] {
  const avro = plan.input.kind === 'generated' ? plan.input.avro : undefined;
  return [templateFile(plan), avro?.file].filter((file) => file !== undefined);
}

/** The file of a template; undefined for one that is given as text. */
function templateFile({ input }: RunPlan): string | undefined {
  const template = input.kind === 'generated' ? input.template : undefined;
  return template === undefined || template.includes('{{') ? undefined : template;
}

/**
 * What the workers make the records of a run from; undefined if its records are read from files.
 *
 * @throws KloadError `usage` for a template, schema or size that the run cannot have, `input` for their files
 */
export async function madeRecordsOf(plan: RunPlan, target: OpenTarget): Promise<MadeRecords | undefined> {
  const { input, partitionKey, spread } = plan;
  if (input.kind !== 'generated') return undefined;
  const { size, keys, keyDistribution, seed } = input;
  const { recordBytesMax } = target;
  const hashKeys = spread === 'even' ? target.spread?.().points : undefined;
  try {
    const template = await readTemplate(plan);
    const avro = await readAvro(input);
    const common = { size, keys, keyDistribution, seed, template, avro, recordBytesMax, partitionKey, hashKeys };
    const made = { ...common, hotShard: hotShardOf(input, target) };
    checkSize(made, new RecordMaker(made));
    return made;
  } catch (error) {
    if (error instanceof TemplateError) {
      const at = `${templateFile(plan) ?? '--template'}:${placeOf(textOf(plan), error.index)}`;
      throw new KloadError('usage', `${at}: ${error.message}`, error.hint);
    }
    if (error instanceof SchemaError)
      throw new KloadError('usage', `${input.avro?.file}: ${error.message}`, error.hint);
    if (error instanceof RecordError) throw new KloadError('usage', error.message, RECORD_HINT);
    throw error;
  }
}

/** @throws KloadError `input` for a file that is not a schema */
async function readAvro({ avro }: Generated): Promise<MadeAvro | undefined> {
  if (avro === undefined) return undefined;
  const { file, schemaId, glueSchemaVersion } = avro;
  const text = readText(file, `--schema ${file}`, 'name a schema of Avro (.avsc)');
  const confluent = schemaId === undefined ? undefined : ({ kind: 'confluent', schemaId } as const);
  const framing =
    glueSchemaVersion === undefined ? confluent : ({ kind: 'glue', schemaVersion: glueSchemaVersion } as const);
  try {
    return { type: await readSchema(text), framing };
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    const at = error.index === undefined ? file : `${file}:${placeOf(text, error.index)}`;
    throw new KloadError('input', `${at}: ${error.message}`, error.hint);
  }
}

/** The line and the column of an index, as '3:14'. */
function placeOf(text: string, index: number): string {
  const before = text.slice(0, index).split('\n');
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

async function readTemplate(plan: RunPlan): Promise<MadeTemplate | undefined> {
  if (plan.input.kind !== 'generated' || plan.input.template === undefined) return undefined;
  const text = textOf(plan);
  return { text, columns: await columnsFor(text) };
}

/** The text of the template. Editors end a file with a line break, and some begin it with a byte order mark. */
function textOf(plan: RunPlan): string {
  const file = templateFile(plan);
  if (file === undefined) return (plan.input as Generated).template ?? '';
  const hint = 'name another file, or give a template as text, with its fields in {{ }}';
  return readText(file, `--template ${file}`, hint).replace(/\r?\n$/u, '');
}

/** @param what the file is, for a message */
function readText(file: string, what: string, hint: string): string {
  try {
    const bytes = readFileSync(file);
    if (!isUtf8(bytes)) throw new Error('it is not UTF-8 text');
    return bytes.toString().replace(/^\u{feff}/u, '');
  } catch (error) {
    throw new KloadError('input', `${what} cannot be read: ${messageOf(error)}`, hint);
  }
}

/** Every record fits its target, and has the size that the user asked for. */
function checkSize(made: MadeRecords, maker: RecordMaker): void {
  const { size, template, avro, keys, recordBytesMax } = made;
  const { bodyBytesMax, keyBytes } = maker;
  const [least, most] = size === undefined ? [bodyBytesMax, bodyBytesMax] : boundsOf(size);
  const isDefault = template === undefined && avro === undefined;
  const what = isDefault ? `a generated record with ${keys} keys` : 'a record of the template';
  if (isDefault && least < generatedSizeMin(keys)) {
    const reason = `${what} has at least ${generatedSizeMin(keys)} bytes, not ${least}`;
    throw new KloadError('usage', `--record-size is too small: ${reason}`);
  }
  if (template !== undefined && size?.kind === 'fixed' && size.bytes < bodyBytesMax) {
    const reason = `${what} has up to ${bodyBytesMax} bytes, not ${size.bytes}`;
    throw new KloadError('usage', `--record-size is too small: ${reason}`, 'make it larger');
  }
  const bytes = Math.max(most, bodyBytesMax) + keyBytes;
  if (bytes > recordBytesMax) {
    const option = size !== undefined ? '--record-size' : template === undefined ? '--schema' : '--template';
    const reason = `a generated record has ${bytes} bytes with its key, the target takes ${recordBytesMax}`;
    throw new KloadError('usage', `${option} is too large: ${reason}`, 'make it smaller');
  }
}

/** The sizes that the user named. Those of a distribution without bounds are cut off at the target's. */
function boundsOf(size: SizeLaw): readonly [least: number, most: number] {
  if (size.kind === 'fixed') return [size.bytes, size.bytes];
  return size.kind === 'uniform' ? [size.min, size.max] : [Number.POSITIVE_INFINITY, 0];
}

/** The keys of the shard that `--hot-shard` names. */
function hotShardOf({ keys, hotShard }: Generated, target: OpenTarget): HotShard | undefined {
  if (hotShard === undefined) return undefined;
  const { config, report } = target;
  const { words, partitioner } = targetKind(report.kind);
  const shards = partitioner(config);
  const index = shards.ids.findIndex((id) => id === hotShard.shard || numberOf(id) === hotShard.shard);
  if (index === -1) {
    const found = shards.ids.length === 0 ? 'none' : shards.ids.slice(0, 10).join(', ');
    throw new KloadError('usage', `--hot-shard: there is no ${words.shard} ${hotShard.shard}`, `there is: ${found}`);
  }
  if (keys > HOT_SHARD_KEYS_MAX) {
    throw new KloadError('usage', `--hot-shard takes at most ${formatCount(HOT_SHARD_KEYS_MAX)} --keys, not ${keys}`);
  }
  const onShard: number[] = [];
  const others: number[] = [];
  for (let key = 0; key < keys; key++) {
    const source = Buffer.from(keyText(keys, key));
    const record = { source, dataStart: 0, dataEnd: 0, keyStart: 0, keyEnd: source.length, recordedAtMs: Number.NaN };
    const shard = shards.indexOf({ ...record, attributesStart: 0, attributesEnd: 0 });
    (shard === index ? onShard : others).push(key);
  }
  const { share } = hotShard;
  if (onShard.length === 0 || (others.length === 0 && share < 1)) {
    const which = onShard.length === 0 ? 'no key' : 'each key';
    const reason = `--hot-shard: ${which} of ${formatCount(keys)} goes to ${words.shard} ${hotShard.shard}`;
    throw new KloadError('usage', reason, 'use more --keys');
  }
  return { share, keys: Int32Array.from(onShard), otherKeys: Int32Array.from(others) };
}

/** The number at the end of a shard's id, without leading zeros: '3' for shardId-000000000003. */
function numberOf(id: string): string {
  return String(Number(/\d+$/.exec(id)?.[0] ?? Number.NaN));
}
