import { writeFileSync } from 'node:fs';
import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import { folder, kload, readReport, startEmulator } from '../support/kload.js';
import { readStream } from '../support/stream.js';

const SCHEMA = {
  type: 'record' as const,
  name: 'Order',
  fields: [
    { name: 'id', type: { type: 'string', logicalType: 'uuid' } },
    { name: 'number', type: { type: 'int', 'arg.properties': { iteration: { start: 0 } } } },
    { name: 'customer', type: 'string' },
    { name: 'tags', type: { type: 'map', values: ['null', 'double', 'string'] } },
  ],
};
const TEMPLATE = '{"id":"{{uuid}}","number":{{seq}},"customer":"{{key}}","tags":{"a":null,"b":{{float 0 1}}}}';
const COUNT = 1000;

interface Order {
  readonly number: number;
  readonly customer: string;
}

/** The records of a run, as the stream has them. */
async function sent(args: readonly string[], template?: string) {
  using dir = folder();
  writeFileSync(dir.path('order.avsc'), JSON.stringify(SCHEMA, null, 2));
  if (template !== undefined) writeFileSync(dir.path('t.json'), template);
  await using emulator = await startEmulator('--stream', 's:3', '--limits', 'off');
  const to = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
  const made = ['--schema', dir.path('order.avsc'), '--encode', 'avro', '--count', String(COUNT)];
  const from = template === undefined ? [] : ['--template', dir.path('t.json')];
  const run = await kload(['run', ...to, ...made, ...from, ...args, '--report', dir.path('r.json'), '--quiet']);
  const records = await readStream(emulator.endpoint, 's');
  return { ...run, records, config: run.code === 0 ? readReport(dir.path('r.json')).config.input : undefined };
}

/** Decodes records behind their framing, sorted by their numbers. */
function ordersOf(records: readonly { readonly data: Buffer }[], framing: Buffer): Order[] {
  const type = avro.Type.forSchema(SCHEMA as Parameters<typeof avro.Type.forSchema>[0], { wrapUnions: 'always' });
  const orders = records.map(({ data }) => {
    expect(data.subarray(0, framing.length)).toEqual(framing);
    return type.fromBuffer(data.subarray(framing.length)) as Order;
  });
  return orders.toSorted((a, b) => a.number - b.number);
}

describe('records that are encoded by a schema of Avro', () => {
  it('have the framing of Confluent', async () => {
    const one = await sent(['--schema-id', '70000', '--workers', '1']);
    expect(one).toMatchObject({ code: 0, config: { encode: 'avro', schemaId: 70_000, glueSchemaVersion: null } });
    const orders = ordersOf(one.records, Buffer.of(0, 0, 1, 0x11, 0x70));
    expect(orders.map(({ number }) => number)).toEqual(Array.from({ length: COUNT }, (_, i) => i));
  });

  it('are the same for each number of workers', { tags: 'long' }, async () => {
    const one = await sent(['--workers', '1']);
    const three = await sent(['--workers', '3']);
    expect(one).toMatchObject({ code: 0, records: { length: COUNT } });
    const hexOf = ({ records }: typeof one) => records.map(({ key, data }) => `${key} ${data.toString('hex')}`).sort();
    expect(hexOf(three)).toEqual(hexOf(one));
  });

  it('are those of a template, with the framing of AWS Glue', { tags: 'long' }, async () => {
    const version = 'B7B4A7F0-9C96-4E4A-A687-FB5DE9EF0C63';
    const { code, records } = await sent(['--glue-schema-version', version], TEMPLATE);
    expect(code).toBe(0);
    const framing = Buffer.from(`0300${version.replaceAll('-', '')}`, 'hex');
    const orders = ordersOf(records, framing);
    expect(orders.map(({ number }) => number)).toEqual(Array.from({ length: COUNT }, (_, i) => i));
    expect(orders.map(({ customer }) => customer).sort()).toEqual(records.map(({ key }) => key).sort());
    expect(orders[0]).toMatchObject({ tags: { a: null, b: { double: expect.any(Number) } } });
  });

  it('end the run if a value does not fit, before anything is sent if one of the first does', async () => {
    const first = await sent([], TEMPLATE.replace('{{seq}}', '"{{seq}}"'));
    expect(first).toMatchObject({ code: 2, records: [] });
    expect(first.stderr).toContain('record 0 of the template: number takes a whole number of 32 bits, not "0"');
    // Record 2,148 is the first whose number is too large.
    const later = await sent(['--count', '3000', '--workers', '1'], TEMPLATE.replace('{{seq}}', '{{seq}}e6'));
    expect(later.code).toBe(2);
    expect(later.stderr).toContain(
      'record 2148 of the template: number takes a whole number of 32 bits, not 2148000000',
    );
  });

  it('are refused with what is wrong, and where', async () => {
    using dir = folder();
    const text = JSON.stringify(SCHEMA, null, 2);
    writeFileSync(dir.path('json'), text.replace('"name": "Order",', '"name": "Order"'));
    writeFileSync(dir.path('name'), text.replace('"type": "string"\n    },', '"type": "strin"\n    },'));
    writeFileSync(dir.path('good'), text);
    const run = (...args: string[]) => kload(['run', '--encode', 'avro', '--count', '1', ...args]);
    const broken = await run('--schema', dir.path('json'));
    expect(broken).toMatchObject({ code: 3, stderr: expect.stringContaining(`${dir.path('json')}:4:3: this is not`) });
    const misspelt = await run('--schema', dir.path('name'));
    expect(misspelt).toMatchObject({ code: 3 });
    expect(misspelt.stderr).toMatch(/name:\d+:\d+: there is no type 'strin'/);
    expect(await run('--schema', dir.path('none'))).toMatchObject({ code: 3 });
    expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('--encode needs --schema') });
    const sized = await run('--schema', dir.path('good'), '--record-size', '500');
    expect(sized).toMatchObject({ code: 2, stderr: expect.stringContaining('padding is not one of them') });
    const recorded = await run('--schema', dir.path('good'), dir.path('name'));
    expect(recorded).toMatchObject({ code: 2, stderr: expect.stringContaining('only to generated records') });
  });
});
