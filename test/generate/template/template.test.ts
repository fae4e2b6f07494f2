import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoText } from '../../../src/generate/template/values.js';
import { chiSquare, make, rendered, upTo } from '../made.js';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/** The values of a field in many records, as numbers. */
const numbers = async (field: string, count = 5000) => (await rendered(field, count)).map(Number);

describe('a short form', () => {
  it('writes the number and the key of a record', async () => {
    expect(await rendered('{{seq}} {{seq 4}} {{ key }}', 11, { keys: 1 })).toEqual(
      upTo(11).map((n) => `${n} ${String(n).padStart(4, '0')} key-0`),
    );
    const template = { text: 'a {{key}} b', columns: {} };
    for (const { data, key } of make(upTo(20), { template })) expect(data).toBe(`a ${key} b`);
    for (const { data, key } of make([5], { template: { text: 'none', columns: {} } })) {
      expect([data, key]).toEqual(['none', expect.stringMatching(/^key-\d$/)]);
    }
  });

  it('writes whole numbers, all equally likely', async () => {
    const found = await numbers('{{int -5 14}}', 20_000);
    const counts = upTo(20).map((at) => found.filter((n) => n === at - 5).length);
    expect(chiSquare(counts, Array(20).fill(1000))).toBeLessThan(4);
  });

  it('writes any range of numbers without bias, and within its bounds', async () => {
    const bound = fc.integer({ min: -(2 ** 51), max: 2 ** 51 });
    await fc.assert(
      fc.asyncProperty(bound, bound, async (a, b) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        for (const value of await rendered(`{{int ${min} ${max}}}`, 20)) {
          expect(value).toBe(String(Number(value)));
          expect(Number(value)).toBeGreaterThanOrEqual(min);
          expect(Number(value)).toBeLessThanOrEqual(max);
        }
      }),
    );
  });

  it('writes decimal numbers, and those of a normal distribution', async () => {
    for (const value of await rendered('{{float -1 1 3}}', 500)) expect(value).toMatch(/^(-?0\.\d{3}|-?1\.000)$/);
    expect(new Set(await rendered('{{float 0 1 1}}', 500)).size).toBe(11);
    const normal = await numbers('{{normal 60 5}}');
    const mean = normal.reduce((sum, n) => sum + n, 0) / normal.length;
    const variance = normal.reduce((sum, n) => sum + (n - mean) ** 2, 0) / normal.length;
    expect(mean).toBeCloseTo(60, 0);
    expect(Math.sqrt(variance)).toBeCloseTo(5, 0);
  });

  it('chooses a value, by weight if there are weights', async () => {
    expect(new Set(await rendered('{{pick a b "c d"}}', 100))).toEqual(new Set(['a', 'b', 'c d']));
    const found = await rendered('{{weighted a:3 b:1 c:0}}', 20_000);
    const counts = ['a', 'b'].map((value) => found.filter((one) => one === value).length);
    expect(chiSquare(counts, [15_000, 5_000])).toBeLessThan(4);
    expect(found).not.toContain('c');
  });

  it('writes ids, digits, characters and words', async () => {
    const ids = await rendered('{{uuid}}', 5000);
    expect(new Set(ids).size).toBe(5000);
    for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(await rendered('{{hex 17}} {{bytes 23}} {{words 3}}')).toEqual([
      expect.stringMatching(/^[\da-f]{17} [\w-]{23} [a-z]+ [a-z]+ [a-z]+$/),
    ]);
  });

  it('writes as many words as it should', async () => {
    for (const count of upTo(11)) {
      for (const text of await rendered(`[{{words ${count}}}]`, 50)) {
        expect(text).toMatch(/^\[([a-z]+( [a-z]+)*)?\]$/);
        expect(text.match(/[a-z]+/g)?.length ?? 0).toBe(count);
      }
    }
  });

  it('writes when the record is due', async () => {
    const text = '{{now}}|{{now iso}}|{{now ms}}|{{now s}}|{{now "YYYY-MM-DD [at] HH:mm:ss.SSS"}}';
    const iso = isoText(AT);
    expect(await rendered(text, 1, {}, AT)).toEqual([
      `${iso}|${iso}|${AT}|${Math.floor(AT / 1000)}|2026-01-02 at 03:04:05.678`,
    ]);
  });

  it('is text again in quotes', async () => {
    expect(await rendered('{"a":{"b":{{"{{"}}}} {{ "}}\\n" }}')).toEqual(['{"a":{"b":{{}} }}\n']);
  });
});

describe('padding', () => {
  const size = { kind: 'fixed', bytes: 60 } as const;

  it('goes into the last field, behind its value', async () => {
    const [data] = await rendered('{"n":{{int 1 9}},"text":"{{pick abc}}"}', 1, { size });
    expect(data).toMatch(/^\{"n":\d,"text":"abcx+"\}$/);
    expect(data).toHaveLength(60);
    expect((await rendered('{"n":"{{int 1 9}}"}', 1, { size }))[0]).toHaveLength(60);
  });

  it('does not change a number', async () => {
    await expect(rendered('{"n":{{int 1 9}}}', 1, { size })).rejects.toThrow('int writes a number, which');
    await expect(rendered('no field', 1, { size })).rejects.toThrow('has no field to pad');
  });
});

describe('a mistake', () => {
  it.each([
    ['a {{uid}}', 4, "there is no function 'uid'", 'did you mean uuid?'],
    ['{{random.nubmer(5)}}', 2, "there is no function 'random.nubmer'", 'did you mean random.number?'],
    ['{{name.fristName}}', 2, "there is no function 'name.fristName'", 'did you mean name.firstName?'],
    ['{{constructor}}', 2, "there is no function 'constructor'", undefined],
    ['{{int 5}}', 2, 'int is called as {{int 1 100}}', undefined],
    ['{{int 5 x}}', 2, "int takes numbers, not 'x'", undefined],
    ['{{int 5 1}}', 2, 'int has no number from 5 to 1', undefined],
    ['{{float 0 1 20}}', 2, 'float takes 0 to 9 decimal digits, not 20', undefined],
    ['{{weighted a b:1}}', 2, 'weighted needs a weight behind each value', undefined],
    ['{{weighted a:0}}', 2, 'weighted takes weights of at least 0, not all of them 0', undefined],
    ['x {{now', 2, "'{{' has no '}}'", undefined],
    ['{{}}', 2, "'{{' must be followed by the name of a function", undefined],
    ['{{random.number(1}}', 15, "'(' has no ')'", undefined],
    ['{{random.number(1) x}}', 19, "'}}' must come here, not 'x'", undefined],
    ['{{random.number({"min":1)}}', 16, 'the arguments of random.number are not JSON', undefined],
    ['{{random.number({min:1})}}', 16, 'the arguments of random.number are not JSON', undefined],
    ['{{random.number({"precision":0.3})}}', 2, 'random.number takes a precision of 1, 0.1, 0.01', undefined],
    ['{{random.arrayElement("a")}}', 2, 'random.arrayElement takes a list of values', undefined],
    ['{{random.arrayElement([])}}', 2, 'random.arrayElement needs at least one value to choose from', undefined],
    ['{{random.weightedArrayElement({"weights":[1],"data":[]})}}', 2, 'needs as many weights as values', undefined],
    ['{{date.between("x","y")}}', 2, 'date.between takes two dates', undefined],
    ['{{hacker.noun(1)}}', 2, 'hacker.noun takes no arguments', undefined],
  ])('in %s is found', async (text, index, message, hint) => {
    const found = await rendered(text).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(found).toMatchObject({ index, message: expect.stringContaining(message) });
    if (hint !== undefined) expect(found).toMatchObject({ hint });
  });

  it('never crashes the reader', async () => {
    const pieces = fc.constantFrom(
      '{{',
      '}}',
      '(',
      ')',
      '"',
      '\\',
      '[',
      ']',
      '{',
      '}',
      'int',
      'random.number',
      ' ',
      '1',
      ',',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 12 }), async (parts) => {
        const made = await rendered(parts.join('')).catch((error: Error) => error);
        if (made instanceof Error) expect(made.constructor.name).toBe('TemplateError');
      }),
    );
  });
});
