import avro from 'avsc';
import fc from 'fast-check';
import { readSchema } from '../../../src/generate/avro/schema.js';
import { type MadeRanges, RecordMaker } from '../../../src/generate/record-maker.js';
import { madeRecords, upTo } from '../made.js';

export type Schema = Parameters<typeof avro.Type.forSchema>[0];

/** The reader is the library, which shares nothing with what writes. */
export const reader = (schema: Schema) => avro.Type.forSchema(schema, { wrapUnions: 'always' });

/** The data of the first records, as they are encoded. */
export async function encoded(schema: unknown, count: number, atMs = 0): Promise<Buffer[]> {
  const maker = new RecordMaker(
    madeRecords({ size: undefined, avro: { type: await readSchema(JSON.stringify(schema)), framing: undefined } }),
  );
  return upTo(count).map((ordinal) => {
    const bytes = Buffer.alloc(maker.bytesMax(ordinal, atMs));
    const ranges: MadeRanges = {
      ...{ source: bytes, dataStart: 0, dataEnd: 0, keyStart: 0, keyEnd: 0, attributesStart: 0, attributesEnd: 0 },
    };
    const end = maker.make(ordinal, atMs, bytes, 0, ranges);
    if (end > bytes.length) throw new Error(`record ${ordinal} has ${end} bytes, not up to ${bytes.length}`);
    return bytes.subarray(ranges.dataStart, ranges.dataEnd);
  });
}

export const recordOf = (type: unknown) => ({ type: 'record', name: 'R', fields: [{ name: 'x', type }] });

/** A schema, and a value of it as JSON: that of a union in Avro's own JSON encoding. */
export interface SchemaAndValue {
  readonly schema: unknown;
  readonly value: unknown;
  /** Its name as a branch of a union. */
  readonly branch: string;
}

const primitive = (name: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<SchemaAndValue> =>
  value.map((one) => ({ schema: name, value: one, branch: name }));

const PRIMITIVES = fc.oneof(
  primitive('null', fc.constant(null)),
  primitive('boolean', fc.boolean()),
  primitive('int', fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  primitive('long', fc.maxSafeInteger()),
  primitive('float', fc.float({ noNaN: true, noDefaultInfinity: true })),
  primitive('double', fc.double({ noNaN: true, noDefaultInfinity: true })),
  primitive('string', fc.string({ unit: 'binary' })),
  primitive(
    'bytes',
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  ),
);

let names = 0;
/** A name that no other type has. */
const named = (kind: string) => `${kind}${names++}`;

const SYMBOLS = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D', 'E'), { minLength: 1 });
const FIELD_NAMES = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { maxLength: 4 });

export const SCHEMA: fc.Arbitrary<SchemaAndValue> = fc.letrec<{ any: SchemaAndValue }>((tie) => {
  const any = tie('any');
  const enums = SYMBOLS.map((symbols): SchemaAndValue => {
    const name = named('E');
    return { schema: { type: 'enum', name, symbols }, value: symbols.at(-1), branch: name };
  });
  const fixed = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes): SchemaAndValue => {
    const name = named('F');
    const value = Buffer.from(bytes).toString('latin1');
    return { schema: { type: 'fixed', name, size: bytes.length }, value, branch: name };
  });
  const array = fc.tuple(any, fc.nat(3)).map(([{ schema, value }, count]): SchemaAndValue => {
    return { schema: { type: 'array', items: schema }, value: Array(count).fill(value), branch: 'array' };
  });
  const map = fc.tuple(any, FIELD_NAMES).map(([{ schema, value }, keys]): SchemaAndValue => {
    const entries = keys.map((key) => [key, value] as const);
    return { schema: { type: 'map', values: schema }, value: Object.fromEntries(entries), branch: 'map' };
  });
  const union = fc.uniqueArray(any, { minLength: 1, maxLength: 3, selector: ({ branch }) => branch }).map((all) => {
    const branches = all.filter(({ branch }) => branch !== 'union');
    const [first] = branches;
    if (first === undefined) return { schema: 'null', value: null, branch: 'null' };
    const value = first.branch === 'null' ? null : { [first.branch]: first.value };
    return { schema: branches.map(({ schema }) => schema), value, branch: 'union' };
  });
  const record = fc.tuple(FIELD_NAMES, fc.array(any, { minLength: 4, maxLength: 4 })).map(([fields, types]) => {
    const name = named('R');
    const schema = {
      ...{ type: 'record', name },
      fields: fields.map((field, index) => ({ name: field, type: types[index]!.schema })),
    };
    const value = Object.fromEntries(fields.map((field, index) => [field, types[index]!.value]));
    return { schema, value, branch: name };
  });
  const options = { maxDepth: 3, withCrossShrink: true };
  return { any: fc.oneof(options, PRIMITIVES, enums, fixed, array, map, union, record) };
}).any;
