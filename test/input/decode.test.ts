import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../support/runs.js';
import { fileOf, open, type Reading, readText, textOf } from './support.js';

/** The data of all records, as bytes, and the reasons of the bad ones. */
async function bytesIn(name: string, content: string, reading: Reading) {
  const data: Buffer[] = [];
  const bad: string[] = [];
  for await (const block of (await open([fileOf(name, content)], reading)).blocks()) {
    for (let at = 0; at < block.count; at++) {
      data.push(Buffer.from(block.bytes.subarray(block.dataStart[at], block.dataEnd[at])));
    }
    bad.push(...block.bad.map(({ line, reason }) => `${line}: ${reason}`));
  }
  return { data, bad };
}

const encoding = fc.constantFrom('base64', 'base64url', 'hex', 'HEX');

function encoded(bytes: Uint8Array, how: string): string {
  if (how === 'HEX') return Buffer.from(bytes).toString('hex').toUpperCase();
  return Buffer.from(bytes).toString(how as BufferEncoding);
}

describe('--data-encoding', () => {
  it('decodes data, and keeps keys and times, in CSV and NDJSON', async () => {
    const row = fc.record({ bytes: fc.uint8Array({ maxLength: 80 }), key: fc.string({ minLength: 1, maxLength: 9 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 20 }),
        encoding,
        fc.integer({ min: 1, max: 300 }),
        async (rows, how, chunkBytes) => {
          const dataEncoding = how.startsWith('base64') ? 'base64' : 'hex';
          const reading = { dataEncoding, dataField: 'd', partitionKeyField: 'k', chunkBytes } as const;
          const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
          const csv = rows.map(({ bytes, key }) => `${encoded(bytes, how)},${quoted(key)}\n`).join('');
          const json = rows.map(({ bytes, key }) => `${JSON.stringify({ k: key, d: encoded(bytes, how) })}\n`).join('');
          const expected = { data: rows.map(({ bytes }) => Buffer.from(bytes)), bad: [] };
          expect(await bytesIn('encoded.csv', `d,k\n${csv}`, reading)).toEqual(expected);
          expect(await bytesIn('encoded.ndjson', json, reading)).toEqual(expected);
        },
      ),
      { numRuns: runs(60) },
    );
  });

  it('accepts only the base64 and hex that Node would write', async () => {
    const text = fc.string({ unit: fc.constantFrom(...'AZaz09+/-_= .*\n'), minLength: 1, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const plain = value.replace(/-/g, '+').replace(/_/g, '/');
        const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(plain);
        const { data, bad } = await bytesIn('any.csv', `d,k\n"${value}",k\n`, { dataEncoding: 'base64' });
        expect({ data, bad }).toEqual(
          isBase64
            ? { data: [Buffer.from(plain, 'base64')], bad: [] }
            : { data: [], bad: ['2: the data is not base64'] },
        );
      }),
      { numRuns: runs(300) },
    );
  });

  it('keeps the order of records if some do not decode', async () => {
    const csv = 'd,k\n6869,a\n686,b\nzz,c\n,d\n4F6b,e\n';
    const { records, bad } = await readText('some.csv', csv, { dataEncoding: 'hex', partitionKeyField: 'k' });
    expect(records.map(({ data, key, line }) => [data, key, line])).toEqual([
      ['hi', 'a', 2],
      ['', 'd', 5],
      ['Ok', 'e', 6],
    ]);
    expect(bad).toEqual(['some.csv:3: the data is not hex', 'some.csv:4: the data is not hex']);
  });

  it('unescapes JSON strings before it decodes them', async () => {
    const { records } = await readText('s.ndjson', '{"d":"Pz8\\/"}\n', { dataEncoding: 'base64', dataField: 'd' });
    expect(records).toMatchObject([{ data: '???' }]);
  });

  it('is refused where it has no effect, or would change the key', async () => {
    const hex = { dataEncoding: 'hex' } as const;
    const line = '{"schema":"kload.record/1","partitionKey":"k","data":"6869"}\n';
    const { error: kload } = await readText('l.ndjson', line, hex);
    expect(textOf(kload)).toMatch(/usage: l\.ndjson holds kload records.*--data-encoding has no effect/);
    const { error: whole } = await readText('w.ndjson', '"6869"\n', hex);
    expect(textOf(whole)).toBe(
      'usage: w.ndjson: a whole JSON value is not hex (name the field that is encoded with --data-field)',
    );
    for (const reading of [{ partitionKeyField: '1' }, { dataField: 'd', partitionKeyField: 'd' }]) {
      const { error } = await readText('k.csv', 'd,t\n6869,1\n', { ...hex, ...reading });
      expect(textOf(error)).toMatch(/usage: k\.csv: the partition key is part of the data, which --data-encoding hex/);
    }
  });
});
