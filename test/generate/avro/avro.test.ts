import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GivenValues } from '../../../src/generate/avro/given-value.js';
import { jsonErrorAt } from '../../../src/generate/avro/json-position.js';
import { regexText } from '../../../src/generate/avro/regex.js';
import { readSchema } from '../../../src/generate/avro/schema.js';
import { Random } from '../../../src/generate/random.js';
import { RecordMaker } from '../../../src/generate/record-maker.js';
import { columnsFor } from '../../../src/generate/template/compile.js';
import { madeRecords, make, upTo } from '../made.js';
import { encoded, reader, recordOf, SCHEMA, type Schema } from './schemas.js';

/** The values of the field `x`. */
async function valuesOf(type: unknown, count = 200, atMs = 0): Promise<unknown[]> {
  const schema = recordOf(type);
  const decoded = (await encoded(schema, count, atMs)).map((bytes) => reader(schema as Schema).fromBuffer(bytes));
  return decoded.map(({ x }) => x as unknown);
}

const arg = (type: string, properties: object) => ({ type, 'arg.properties': properties });
const problemOf = async (type: unknown) => {
  const read = readSchema(typeof type === 'string' ? type : JSON.stringify(recordOf(type)));
  const made = read.then(
    (type) => new RecordMaker(madeRecords({ size: undefined, avro: { type, framing: undefined } })),
  );
  return made.then(
    () => 'none',
    (error: Error) => error.message,
  );
};

describe('random records of a schema', () => {
  it('are what the schema says, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(SCHEMA, async ({ schema }) => {
        const type = reader(schema as Schema);
        // Fails for a byte too many or too few.
        for (const bytes of await encoded(schema, 5)) expect(type.isValid(type.fromBuffer(bytes))).toBe(true);
      }),
    );
  });

  it('depend on the seed and the number of the record alone', async () => {
    const type = await readSchema(JSON.stringify(recordOf({ type: 'array', items: ['null', 'string', 'double'] })));
    const given = { size: undefined, avro: { type, framing: undefined } };
    const alone = upTo(50)
      .toReversed()
      .map((ordinal) => make([ordinal], given)[0]);
    expect(make(upTo(50), given)).toEqual(alone.toReversed());
    expect(make(upTo(50), { ...given, seed: 2 })).not.toEqual(alone.toReversed());
  });

  it('use all branches, symbols and lengths', async () => {
    const union = await valuesOf(['null', 'string', 'int']);
    expect(new Set(union.map((value) => (value === null ? 'null' : Object.keys(value as object)[0])))).toEqual(
      new Set(['null', 'string', 'int']),
    );
    const symbols = await valuesOf({ type: 'enum', name: 'E', symbols: ['A', 'B', 'C'] });
    expect(new Set(symbols)).toEqual(new Set(['A', 'B', 'C']));
    const lists = (await valuesOf({ type: 'array', items: 'int' })) as number[][];
    expect(new Set(lists.map(({ length }) => length))).toEqual(new Set([0, 1, 2, 3, 4]));
  });

  it('have logical types: the time at which the record is due, UUIDs and decimals', async () => {
    const atMs = Date.UTC(2026, 2, 1, 12, 30, 15, 123);
    const one = async (type: string, logicalType: string) => (await valuesOf({ type, logicalType }, 1, atMs))[0];
    expect(await one('long', 'timestamp-millis')).toBe(atMs);
    expect(await one('long', 'local-timestamp-micros')).toBe(atMs * 1000);
    expect(await one('int', 'date')).toBe(Date.UTC(2026, 2, 1) / 86_400_000);
    expect(await one('int', 'time-millis')).toBe(atMs % 86_400_000);
    expect(await one('string', 'uuid')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    const decimal = { logicalType: 'decimal', precision: 4, scale: 2 };
    const fixed = { type: 'fixed', name: 'D', size: 3, ...decimal };
    for (const type of [{ type: 'bytes', ...decimal }, fixed]) {
      const units = ((await valuesOf(type)) as Buffer[]).map((bytes) => bytes.readIntBE(0, bytes.length));
      expect(Math.min(...units)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...units)).toBeLessThan(10_000);
      expect(Math.max(...units)).toBeGreaterThan(5_000);
    }
  });

  it('end, also where a type contains itself', async () => {
    const node = (children: unknown) => ({
      ...{ type: 'record', name: 'Node' },
      fields: [{ name: 'value', type: 'int' }, children],
    });
    const list = node({ name: 'next', type: ['null', 'Node'], default: null });
    const tree = node({ name: 'children', type: { type: 'array', items: 'Node' } });
    for (const schema of [list, tree]) {
      for (const bytes of await encoded(schema, 20)) reader(schema as Schema).fromBuffer(bytes);
    }
    expect(await problemOf(node({ name: 'next', type: 'Node' }))).toContain('contains itself without an end');
  });
});

describe('arg.properties', () => {
  it('choose the values, as in the Avro Random Generator', async () => {
    expect(new Set(await valuesOf(arg('string', { options: ['a', 'b'] })))).toEqual(new Set(['a', 'b']));
    const numbers = (await valuesOf(arg('int', { range: { min: -2, max: 2 } }))) as number[];
    expect(new Set(numbers)).toEqual(new Set([-2, -1, 0, 1]));
    const doubles = (await valuesOf(arg('double', { range: { min: 5, max: 6 } }))) as number[];
    expect(doubles.every((value) => value >= 5 && value < 6)).toBe(true);
    expect(await valuesOf(arg('long', { iteration: { start: 10, restart: 16, step: 2 } }), 5)).toEqual([
      10, 12, 14, 10, 12,
    ]);
    expect(await valuesOf(arg('int', { iteration: { start: 3, restart: 0 } }), 4)).toEqual([3, 2, 1, 3]);
    expect(await valuesOf(arg('int', { iteration: { start: 0, restart: 3, initial: 2 } }), 3)).toEqual([2, 0, 1]);
    expect(await valuesOf(arg('boolean', { iteration: { start: true } }), 3)).toEqual([true, false, true]);
    expect(await valuesOf(arg('boolean', { odds: 1 }), 3)).toEqual([true, true, true]);
    const texts = (await valuesOf(arg('string', { length: { min: 2, max: 4 } }))) as string[];
    expect(new Set(texts.map(({ length }) => length))).toEqual(new Set([2, 3]));
    expect((await valuesOf({ ...arg('array', { length: 3 }), items: 'int' }, 1))[0]).toHaveLength(3);
    const map = { ...arg('map', { length: 1, keys: { options: ['k'] } }), values: 'null' };
    expect(await valuesOf(map, 2)).toEqual([{ k: null }, { k: null }]);
    const users = (await valuesOf(arg('string', { regex: 'User_[1-9]{0,1}' }))) as string[];
    expect(users.every((user) => /^User_[1-9]{0,1}$/.test(user))).toBe(true);
    expect(new Set(users).size).toBe(10);
  });

  it('are refused where they cannot be used, with the path of the field', async () => {
    expect(await problemOf(arg('string', { malformed: 1 }))).toBe('x: arg.properties: malformed is not supported');
    expect(await problemOf(arg('string', { range: {} }))).toBe('x: arg.properties: range is not for a string');
    expect(await problemOf(arg('int', { options: [1, 'b'] }))).toContain('x: arg.properties: options: ');
    expect(await problemOf(arg('int', { range: { min: 5, max: 5 } }))).toContain('has no number from 5 to below 5');
    expect(await problemOf(arg('int', { range: { max: 1e10 } }))).toContain('takes whole numbers from');
    expect(await problemOf(arg('int', { iteration: { start: 0, restart: 5, step: -1 } }))).toContain('never comes');
    expect(await problemOf(arg('string', { regex: '[a' }))).toContain('x: arg.properties: regex: ');
  });

  it('have regular expressions that match what they make', () => {
    const patterns = ['[A-F0-9]{8}', '(north|south)-\\d+', 'a?b*c+', '\\w{2,}', 'x(yz){2}[._-]', '^v\\.\\d{1,3}$', '.'];
    const random = new Random(1);
    for (const pattern of patterns) {
      const { make, lengthMax } = regexText(pattern);
      for (let i = 0; i < 100; i++) {
        random.begin(i);
        const text = make(random);
        expect(text).toMatch(new RegExp(`^(?:${pattern})$`));
        expect(text.length).toBeLessThanOrEqual(lengthMax);
      }
    }
    for (const pattern of ['[^a]', '(?=a)', 'a**', '(a', 'a)', '[]', '\\p', '[b-a]', 'a{3,1}']) {
      expect(() => regexText(pattern), pattern).toThrow(SyntaxError);
    }
  });
});

describe('values that a template gives', () => {
  const encodedBy = async (schema: unknown, value: unknown) =>
    new GivenValues(await readSchema(JSON.stringify(schema))).encode(value);

  it('are encoded as the library does', async () => {
    await fc.assert(
      fc.asyncProperty(SCHEMA, async ({ schema, value }) => {
        const type = reader(schema as Schema);
        expect(await encodedBy(schema, value)).toEqual(type.toBuffer(type.fromString(JSON.stringify(value))));
      }),
    );
  });

  it('may name no branch of a union, and leave out a field with a default', async () => {
    const field = (name: string, type: unknown, rest = {}) => ({ name, type, ...rest });
    const schema = {
      ...{ type: 'record', name: 'R' },
      fields: [
        field('a', ['null', 'string'], { default: null }),
        field('b', ['null', 'int', { type: 'enum', name: 'E', symbols: ['ON'] }]),
        field('c', { type: 'long', logicalType: 'timestamp-millis' }),
        field('d', { type: 'bytes', logicalType: 'decimal', precision: 6, scale: 2 }),
      ],
    };
    const read = async (value: unknown) => reader(schema as Schema).fromBuffer(await encodedBy(schema, value));
    const c = '2026-03-01T00:00:00Z';
    expect(await read({ b: 'ON', c, d: -1.27 })).toEqual({
      ...{ a: null, b: { E: 'ON' }, c: Date.parse(c), d: Buffer.of(0xff, 0x81) },
    });
    expect(await read({ a: 'x', b: 4, c: 5, d: 1.28 })).toMatchObject({
      ...{ a: { string: 'x' }, b: { int: 4 }, c: 5, d: Buffer.of(0, 0x80) },
    });
  });

  it('that do not fit are reported with their path', async () => {
    const item = { type: 'record', name: 'Item', fields: [{ name: 'price', type: 'int' }] };
    const schema = recordOf({ type: 'array', items: item });
    const problem = (value: unknown) => encodedBy(schema, value).then(String, (error: Error) => error.message);
    expect(await problem({ x: [{ price: 1 }, { price: 2.5 }] })).toBe(
      'x[1].price takes a whole number of 32 bits, not 2.5',
    );
    expect(await problem({ x: [{}] })).toBe('x[0].price is missing, and has no default');
    expect(await problem({ x: [], y: 1 })).toBe('y is not a field of R');
    expect(await problem([])).toBe('the record takes an object, not []');
  });

  it('make records of a template, with its key', async () => {
    const text = '{"user":"{{key}}","n":{{int -5 5}},"tags":["{{pick a b}}"]}';
    const fields = [
      { name: 'user', type: 'string' },
      { name: 'n', type: 'long' },
      { name: 'tags', type: { type: 'array', items: 'string' } },
    ];
    const schema = { type: 'record', name: 'R', fields } as Schema;
    const avro = { type: await readSchema(JSON.stringify(schema)), framing: undefined };
    const template = { text, columns: await columnsFor(text) };
    const plain = make(upTo(20), { template });
    const made = make(upTo(20), { template, avro });
    const values = made.map(({ data }) => reader(schema).fromBuffer(Buffer.from(data)));
    expect(values).toEqual(plain.map(({ data }) => JSON.parse(data) as unknown));
    expect(made.map(({ key }) => key)).toEqual(plain.map(({ key }) => key));
  });
});

describe('a schema that cannot be used', () => {
  it('is reported with what is wrong', async () => {
    expect(await problemOf('{"type":"record",}')).toBe('this is not valid JSON');
    expect(await problemOf('Oder')).toBe('this is not valid JSON');
    expect(await problemOf('"Oder"')).toBe("there is no type 'Oder'");
    expect(await problemOf('{"type":"record","name":"R"}')).toContain('not an Avro schema');
    expect(await problemOf(['int', 'int'])).toContain('duplicate union branch');
  });

  it('is reported at the place where it stops being JSON', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', '}', ']', ',', ':', '"', 'x', '1', ' '),
        (json, at, other) => {
          const place = at % (json.length + 1);
          const text = json.slice(0, place) + other + json.slice(place + 1);
          const message = problemOfJson(text);
          if (message === undefined) expect(jsonErrorAt(text)).toBe(text.length);
          // Inside of a string or a number V8 says where in it.
          const position = /at position (\d+)/.exec(message ?? '')?.[1];
          if (position !== undefined) expect(jsonErrorAt(text)).toBeLessThanOrEqual(Number(position));
        },
      ),
    );
    expect(jsonErrorAt('{"a": 1\n "b": 2}')).toBe(9);
    expect(jsonErrorAt('{"a": [1, 2')).toBe(11);
    expect(jsonErrorAt('{"a": nul}')).toBe(6);
  });
});

function problemOfJson(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
