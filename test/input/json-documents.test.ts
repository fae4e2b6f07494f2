import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../support/runs.js';
import { fileOf, open, type Reading, read, readText } from './support.js';

/** What is read from a text, and in which format. */
async function readAs(name: string, text: string, reading: Reading = {}) {
  const file = fileOf(name, text);
  const source = await open([file], { unwrap: 'auto', ...reading });
  for await (const _ of source.blocks());
  const { records, bad, error } = await read([file], { unwrap: 'auto', ...reading });
  expect(error).toBeUndefined();
  const [{ format } = { format: undefined }] = source.found.files;
  return { format, data: records.map(({ data }) => data), keys: records.map(({ key }) => key), bad };
}

const EVENTS = [{ eventID: 'a', text: '{"[\\\u00e9' }, { eventID: 'b' }];
const one = (n: number) => JSON.stringify(EVENTS[n]);
const base64 = (text: string) => Buffer.from(text).toString('base64');
const ENTRIES = ['x', 'y'].map((text) => ({ Data: base64(`data ${text}`), PartitionKey: `key ${text}` }));
const LAMBDA = ENTRIES.map(({ Data, PartitionKey }) => ({
  eventSource: 'aws:kinesis',
  kinesis: { kinesisSchemaVersion: '1.0', partitionKey: PartitionKey, sequenceNumber: '1', data: Data },
}));
const RESPONSE = { Records: ENTRIES.map((entry) => ({ SequenceNumber: '1', ...entry })), NextShardIterator: 'AAA=' };

describe('JSON other than a value per line', () => {
  it.each<[string, string, string[]]>([
    ['an array on one line', JSON.stringify(EVENTS), [one(0), one(1)]],
    ['an array on one line, with its end', `${JSON.stringify(EVENTS)}\n`, [one(0), one(1)]],
    ['an array with an element a line', `[\n${one(0)},\n${one(1)}\n]\n`, [one(0), one(1)]],
    ['an array that begins with an element', `[${one(0)},\n${one(1)}]`, [one(0), one(1)]],
    ["CloudTrail's records", JSON.stringify({ Records: EVENTS }), [one(0), one(1)]],
    ['an envelope with more behind', `{ "Records" : [${one(0)}], "a": {"b": [1]}, "c":"]"}\n`, [one(0)]],
    ["Firehose's objects", `${one(0)}${one(1)}${one(0)}`, [one(0), one(1), one(0)]],
    ['objects with blanks between', `${one(0)} ${one(1)}\n\n`, [one(0), one(1)]],
    ['an array of numbers', '[1, 2.5,\n"c"]', ['1', '2.5', '"c"']],
    ['envelopes on several lines', `{"Records":[\n${one(0)}]}\n{"Records":[${one(1)}]}`, [one(0), one(1)]],
  ])('is read value by value: %s', async (_, text, data) => {
    for (const chunkBytes of [1, 7, 4096]) {
      for (const name of ['a.json', 'plain']) {
        expect(await readAs(name, text, { chunkBytes })).toMatchObject({ format: 'json', data, bad: [] });
      }
    }
    expect((await readAs('marked.json', `\ufeff${text}`)).data).toEqual(data);
  });

  it('keeps an object over several lines as it is written', async () => {
    const pretty = JSON.stringify(EVENTS[0], null, 2);
    const two = await readText('pretty.json', `${pretty}\n${pretty}\n`);
    const lines = pretty.split('\n').length;
    expect(two.records.map(({ data, line }) => [data, line])).toEqual([
      [pretty, 1],
      [pretty, 1 + lines],
    ]);
  });

  it.each<[string, unknown]>([
    ['entries of PutRecords', { Records: ENTRIES }],
    ['an array of entries', ENTRIES],
    ['a response of GetRecords', RESPONSE],
    ["Lambda's events", { Records: LAMBDA }],
  ])('is unwrapped if it holds records of Kinesis: %s', async (_, value) => {
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, 4)]) {
      expect(await readAs('k.json', text)).toMatchObject({
        data: ['data x', 'data y'],
        keys: ['key x', 'key y'],
        bad: [],
      });
    }
  });

  it('may have data, key and time in fields', async () => {
    const text = JSON.stringify({ Records: EVENTS });
    const { data, keys } = await readAs('f.json', text, { dataField: '.eventID', partitionKeyField: '.eventID' });
    expect({ data, keys }).toEqual({ data: ['a', 'b'], keys: ['a', 'b'] });
  });

  it('is read as JSON.parse reads it, with any space and chunk size', async () => {
    const values = fc.array(fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.object({ maxDepth: 2 })), {
      minLength: 1,
      maxLength: 8,
    });
    const indent = fc.constantFrom(0, 2);
    await fc.assert(
      fc.asyncProperty(values, indent, fc.integer({ min: 1, max: 100 }), async (list, spaces, chunkBytes) => {
        const text = JSON.stringify(list, null, spaces);
        for (const whole of [text, `{"Records":${text},"more":[{}]}`]) {
          const { data, bad } = await readAs('any.json', whole, { format: 'json', unwrap: 'none', chunkBytes });
          expect(bad).toEqual([]);
          expect(data.map((json) => JSON.parse(json) as unknown)).toEqual(JSON.parse(text));
        }
      }),
      { numRuns: runs(200) },
    );
  });

  it('has bad records where it is malformed', async () => {
    const { records, bad } = await readText('broken.json', `[${one(0)}, {"a" 1},\nnope, ${one(1)} ${one(0)}, {"b":`);
    expect(records.map(({ data }) => data)).toEqual([one(0), one(1), one(0)]);
    expect(bad).toEqual([
      expect.stringMatching(/^broken\.json:1: invalid JSON: /),
      expect.stringMatching(/^broken\.json:2: invalid JSON: /),
      'broken.json:2: invalid JSON: a comma is missing between two elements of an array',
      expect.stringMatching(/^broken\.json:2: invalid JSON: /),
    ]);
  });

  it('is not assumed where each line is a value', async () => {
    for (const text of ['[1]\n[2]\n', '{"Records":[]}\n{"a":1}\n', '{"a":\n{"b":1}\n', '7\n8\n', `${one(0)}\n`]) {
      const source = await open([fileOf('lines.json', text)], { unwrap: 'none' });
      for await (const block of source.blocks()) if (block.bad.length > 0) break;
      expect(source.found.files).toMatchObject([{ format: 'ndjson' }]);
    }
    const array = await readAs('asked.json', '[1,2]\n', { format: 'ndjson' });
    expect(array).toMatchObject({ format: 'ndjson', data: ['[1,2]'] });
  });

  it('does not wait for more of a pipe once a line shows the format', async () => {
    const stdin = new PassThrough();
    const source = await open(['-'], { stdin, unwrap: 'auto' });
    const blocks = source.blocks()[Symbol.asyncIterator]();
    stdin.write('{"a":1}\n');
    expect((await blocks.next()).value?.count).toBe(1);
    stdin.end();
    expect((await blocks.next()).done).toBe(true);
  });
});
