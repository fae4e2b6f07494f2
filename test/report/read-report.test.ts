import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { KloadError } from '../../src/core/errors.js';
import type { Report } from '../../src/core/report.js';
import { openReportFiles, writeReports } from '../../src/output/write.js';
import { buildReport } from '../../src/report/build.js';
import { readReport } from '../../src/report/read-report.js';
import { mismatchOf } from '../../src/report/schema-check.js';
import { summary } from '../../src/report/summary.js';
import { folder } from '../support/kload.js';
import { runs } from '../support/runs.js';
import { FACTS, totalsOfTwoWorkers } from './reports.js';

const dir = folder();
afterAll(() => dir[Symbol.dispose]());
const REPORT = JSON.stringify(buildReport(FACTS, totalsOfTwoWorkers()), null, 2);
const schema = JSON.parse(readFileSync(new URL('../../report.schema.json', import.meta.url), 'utf8'));

/** What `readReport` makes of a file with this content. */
async function read(content: string): Promise<Report | KloadError> {
  writeFileSync(dir.path('run.json'), content);
  return readReport(dir.path('run.json')).catch((error) => error);
}

/** The places of all values inside a value. */
function placesIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...path, name]))];
}

/** The report with another value at a place; undefined: without it. */
function changed([first, ...rest]: readonly string[], to: unknown, value: unknown = JSON.parse(REPORT)): unknown {
  if (first === undefined) return to;
  const members = value as Record<string, unknown>;
  members[first] = changed(rest, to, members[first]);
  return value;
}

const PLACES = placesIn(JSON.parse(REPORT));

describe('a report is read', () => {
  it('as it was written', async () => {
    expect(await read(REPORT)).toEqual(JSON.parse(REPORT));
    expect(await read(`\u{feff}${REPORT}`)).toEqual(JSON.parse(REPORT));
  });

  it('unless it ends in the middle, wherever that is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: REPORT.length - 1 }), async (length) => {
        const error = await read(REPORT.slice(0, length));
        expect(error).toMatchObject({ exit: 'input', message: expect.stringMatching(/ends in the middle/) });
      }),
      { numRuns: runs(300) },
    );
  });

  it.each([
    ['', /run\.json is empty/],
    ['a,b\n1,2\n', /run\.json:1 is not JSON/],
    ['{"a":1}\n{"a":2}\n', /run\.json:2 is not JSON/],
    ['[]', /run\.json is JSON, but not a report/],
    ['null', /run\.json is JSON, but not a report/],
    ['{"schema":"kload.report/1"}', /in format kload\.report\/1: this version of kload reads kload\.report\/2/],
    ['{"schema":"kload.report/2"}', /run\.json: startedAt is missing/],
    [JSON.stringify(changed(['intervals', '0', 'p99'], 'x')), /intervals\[0\]\.p99 must be a number/],
    [REPORT.replace('"durationMs": 2000', '"durationMs": 1e999'), /durationMs must be a number/],
    [JSON.stringify(changed(['intervals', '0', 't'], 9)), /intervals\[1\]\.t must come after/],
    [JSON.stringify(changed(['target', 'kind'], 'sqs')), /target\.kind must be one of kinesis, kafka/],
    [JSON.stringify(changed(['hdrHistograms', 'service'], 'AAAA')), /hdrHistograms\.service is not an HdrHistogram/],
  ])('only if nothing is wrong: $1', async (content, message) => {
    const error = await read(content);
    expect(error).toBeInstanceOf(KloadError);
    expect(error).toMatchObject({ exit: 'input', message: expect.stringMatching(message), hint: expect.any(String) });
  });

  it('by the schema that is published, as ajv understands it', () => {
    const other = fc.constantFrom<unknown>(undefined, null, true, 'x', 1.5, [], {}, [1], { a: 1 });
    // Properties that a later version adds are accepted, which the schema does not do.
    const open = JSON.parse(JSON.stringify(schema).replaceAll('"additionalProperties":false', '"x":0'));
    const isValid = new Ajv({ strict: false, allowUnionTypes: true }).compile(open);
    fc.assert(
      fc.property(fc.constantFrom(...PLACES.slice(1)), other, (place, value) => {
        const report = JSON.parse(JSON.stringify(changed(place, value)));
        expect(mismatchOf(report, schema) === undefined, place.join('.')).toBe(isValid(report));
      }),
      { numRuns: runs(3000) },
    );
  });

  it('so that every form can be made of it, whatever its numbers are', async () => {
    const files = await openReportFiles(['html', 'xml', 'md', 'csv', 'hgrm', 'json'].map((e) => dir.path(`out.${e}`)));
    const numbers = PLACES.filter(
      (place) => typeof place.reduce((at, name) => at[name], JSON.parse(REPORT)) === 'number',
    );
    const number = fc.oneof(fc.constantFrom(0, 1e-9, 0.5, 1e18, 1e300, -1), fc.nat(), fc.double({ noNaN: true }));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...numbers), number, async (place, value) => {
        const report = await read(JSON.stringify(changed(place, value)));
        if (report instanceof KloadError) return;
        summary(report);
        expect(await writeReports(files, report)).toEqual([]);
      }),
      { numRuns: runs(100) },
    );
  });
});
