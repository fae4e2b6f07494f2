import { describe, expect, it } from 'vitest';
import { COLUMN_NAMES } from '../../../src/generate/template/columns.js';
import { GENERATOR_FUNCTIONS } from '../../../src/generate/template/generator.js';
import { rendered } from '../made.js';

const AT = Date.UTC(2026, 0, 2, 15, 4, 5, 678);

describe("a template of the Kinesis Data Generator's documentation", () => {
  it('for a sensor makes JSON', async () => {
    const text = `{
    "sensorId": {{random.number(50)}},
    "currentTemperature": {{random.number(
        {
            "min":10,
            "max":150
        }
    )}},
    "status": "{{random.arrayElement(
        ["OK","FAIL","WARN"]
    )}}"
}`;
    for (const data of await rendered(text, 200)) {
      const { sensorId, currentTemperature, status } = JSON.parse(data) as Record<string, number | string>;
      expect(sensorId).toBeOneOf(Array.from({ length: 51 }, (_, n) => n));
      expect(currentTemperature).toBeGreaterThanOrEqual(10);
      expect(currentTemperature).toBeLessThanOrEqual(150);
      expect(['OK', 'FAIL', 'WARN']).toContain(status);
    }
  });

  it('for an Apache log makes lines of a log', async () => {
    const text =
      '{{internet.ip}} - - [{{date.now("DD/MMM/YYYY:HH:mm:ss ZZ")}}] "{{random.weightedArrayElement({"weights":' +
      '[0.6,0.1,0.1,0.2],"data":["GET","POST","DELETE","PUT"]})}} {{random.arrayElement(["/list","/wp-content",' +
      '"/wp-admin","/explore","/search/tag/list","/app/main/posts","/posts/posts/explore"])}} HTTP/1.1" ' +
      '{{random.weightedArrayElement({"weights": [0.9,0.04,0.02,0.04], "data":["200","404","500","301"]})}} ' +
      '{{random.number(10000)}} "-" "{{internet.userAgent}}"';
    const lines = await rendered(text, 500, {}, AT);
    for (const line of lines) {
      expect(line).toMatch(
        /^\d+\.\d+\.\d+\.\d+ - - \[02\/Jan\/2026:15:04:05 \+0000\] "[A-Z]+ \/\S+ HTTP\/1.1" \d{3} \d+ "-" "[^"]+"$/,
      );
    }
    expect(lines.filter((line) => line.includes('" 200 ')).length).toBeGreaterThan(400);
  });

  it('for names and times makes rows of CSV', async () => {
    const text =
      '{{random.uuid}},{{name.firstName}},{{name.lastName()}},{{phone.phoneNumber}},{{internet.email}},{{date.utc}},' +
      '{{date.utc("YYYY-MM-DD HH:mm:ss.SSS")}},{{date.past}},{{address.city}},{{commerce.price}}';
    const [row] = await rendered(text, 1, {}, AT);
    expect(row!.split(',')).toEqual([
      expect.stringMatching(/^[\da-f-]{36}$/),
      expect.stringMatching(/^\S+/),
      expect.stringMatching(/^\S+/),
      expect.stringMatching(/^[\d-]{12}$/),
      expect.stringMatching(/^\S+@\S+$/),
      '2026-01-02T15:04:05.678Z',
      '2026-01-02 15:04:05.678',
      expect.stringMatching(/^202[56]-\d\d-\d\dT/),
      expect.stringMatching(/\w/),
      expect.stringMatching(/^\d+\.\d\d$/),
    ]);
  });
});

describe('what the Kinesis Data Generator gets wrong', () => {
  it('is right: parentheses and braces in arguments, $& in values, no arguments', async () => {
    expect(await rendered('{{random.arrayElement(["a) b"])}}')).toEqual(['a) b']);
    expect(await rendered('{{random.arrayElement(["a}} b"])}}')).toEqual(['a}} b']);
    expect(await rendered('x{{random.arrayElement(["$& $1 $$"])}}y')).toEqual(['x$& $1 $$y']);
    expect(await rendered('{{random.uuid()}}')).toEqual([expect.stringMatching(/^[\da-f-]{36}$/)]);
    expect(await rendered('{{random.arrayElement(["\\"q\\"",1,true,{"a":1}])}}', 100)).toContain('{"a":1}');
    expect(await rendered('{{date.now(YYYY)}}', 1, {}, AT)).toEqual(['2026']);
  });
});

it.each([...COLUMN_NAMES, ...Object.keys(GENERATOR_FUNCTIONS)])('{{%s}} writes something', async (name) => {
  const values =
    name === 'random.weightedArrayElement'
      ? await rendered('{{random.weightedArrayElement({"weights":[1],"data":["a"]})}}')
      : name === 'date.between'
        ? await rendered('{{date.between("2026-01-01","2026-02-01")}}')
        : await rendered(`{{${name}}}`, 3, {}, AT);
  for (const value of values) expect(value).toMatch(/^[^\r\n]*\S[^\r\n]*$/);
});
