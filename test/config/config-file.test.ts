import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfigFile } from '../../src/config/config-file.js';
import { configText } from '../../src/config/config-text.js';
import { EMULATE_OPTIONS } from '../../src/config/emulate-options.js';
import { planEmulator } from '../../src/config/emulate-plan.js';
import { RUN_OPTIONS } from '../../src/config/run-options.js';
import { planRun, runGiven } from '../../src/config/run-plan.js';
import { RECORD_OPTIONS, TAIL_OPTIONS } from '../../src/config/tail-options.js';
import { planTail } from '../../src/config/tail-plan.js';
import { KloadError } from '../../src/core/errors.js';
import type { OptionSpec, OptionTable } from '../../src/options/option.js';
import { folder } from '../support/kload.js';
import { runs } from '../support/runs.js';

const TABLES: Readonly<Record<string, OptionTable>> = {
  run: RUN_OPTIONS,
  tail: TAIL_OPTIONS,
  record: RECORD_OPTIONS,
  emulate: EMULATE_OPTIONS,
};

/** Texts that some option takes, and some that YAML could take for something else. */
const TEXTS = [
  ...['5', '0', '007', '1e4', '0.5', '1_000', '0x10', '.inf', '30s', '1m30s', '10kB', '512MiB', '2026-01-02T03:04:05Z'],
  ...['+10m', '-5m', 'auto', 'csv', ';', 'tab', 'utf8', 'none', 'rfc3339', 'UTC', 'k', 'fail', 'keys', 'kinesis'],
  ...['arn:aws:kinesis:us-east-1:123456789012:stream/s', 'us-east-1', 'http://localhost:4566', 'cbor', 'on', 'off'],
  ...['avro', 'b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63'],
  ...['zipf:0.99', '3:0.5', '100..2000', '0..5000@1m', 'poisson', 'burst:500ms', '127.0.0.1:9464'],
  ...['2/8', 'key', 'tcp://h:1'],
  ...['k1:9092,k2:9092', 'all', 'gzip', 'plain', 'text', 'os', 'info', 'AKID:secret', '000000000000', '127.0.0.1'],
  ...[
    'null',
    '~',
    'true',
    'no',
    '- a',
    '# c',
    'a: b',
    "it's",
    '"q"',
    '',
    ' x ',
    'a\nb',
    '\t',
    '{a}',
    '[a]',
    '*a',
    '&a',
  ],
  ...['!a', '%a', '@a', '`a', '|', '>', '?', 'ä€😀', '\u0007', '\u2028', '1.50', '-0', '---', 'y'],
];

function isTaken(spec: OptionSpec, text: string): boolean {
  try {
    spec.schema?.(text);
    return true;
  } catch {
    return false;
  }
}

const inFile = (table: OptionTable) =>
  Object.entries(table).filter(([, { commandLineOnly, secret }]) => !commandLineOnly && !secret);

/** Any values of any options of a table, as a command line gives them. */
function optionsOf(table: OptionTable): fc.Arbitrary<Record<string, unknown>> {
  const values = inFile(table).map(([name, spec]) => {
    const texts = TEXTS.filter((text) => isTaken(spec, text));
    expect(texts, `a text that ${name} takes`).not.toEqual([]);
    const text =
      spec.schema === undefined
        ? fc.oneof(fc.constantFrom(...texts), fc.string({ unit: 'binary' }))
        : fc.constantFrom(...texts);
    if (spec.repeatable) return [name, fc.array(text, { minLength: 1, maxLength: 3 })];
    return [name, spec.schema === undefined ? fc.constant(spec.default !== true) : text];
  });
  return fc.record(Object.fromEntries(values) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] });
}

/** Reads a config file with this text. */
function read(text: string, table: OptionTable = RUN_OPTIONS, argument?: 'files' | 'stream') {
  using dir = folder();
  writeFileSync(dir.path('c.yaml'), text);
  return readConfigFile(dir.path('c.yaml'), table, argument);
}

/** The error of reading or planning with this file: its message and hint, with the file's folder cut off. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (!(error instanceof KloadError)) throw error;
    expect(error.exit).toBe('usage');
    return `${error.message} (${error.hint})`.replaceAll(/\S*\/(c\.yaml)/g, '$1');
  }
  return 'no error';
}

describe('a printed configuration', () => {
  it.each(Object.keys(TABLES))('of kload %s is read as the same options, whatever they are', (command) => {
    const table = TABLES[command]!;
    const args = fc.array(fc.constantFrom(...TEXTS), { maxLength: 3 });
    using dir = folder();
    const file = dir.path('c.yaml');
    fc.assert(
      fc.property(optionsOf(table), args, (options, files) => {
        writeFileSync(file, configText(table, options, { key: 'files', args: files }));
        const { given, args: found } = readConfigFile(file, table, 'files');
        expect(given).toEqual(options);
        expect(found).toEqual(files);
      }),
      { numRuns: runs(200) },
    );
  });

  it('leaves out secrets, and says so', () => {
    const text = configText(EMULATE_OPTIONS, { verifySignatures: 'AKID:secret', port: '1' });
    expect(text).toContain('port: 1\n# verify-signatures: left out, because it is a secret\n');
    expect(text).not.toContain('AKID');
    for (const [name, { secret }] of Object.entries<OptionSpec>(EMULATE_OPTIONS)) {
      expect(secret ?? false).toBe(name === 'verifySignatures');
    }
  });

  it('gives the same plan', () => {
    const flags = { rps: '5', stream: 's', threshold: ['behind < 1s'], dashboard: false, workers: '1' };
    const env = { KLOAD_REGION: 'eu-west-1', KLOAD_LINGER: '7ms', KLOAD_QUIET: 'yes', KLOAD_ORDERED: '0' };
    const { given, files } = runGiven(flags, ['a.csv'], env);
    const written = { ...given, region: 'eu-west-1', linger: '7ms', quiet: true };
    const file = read(configText(RUN_OPTIONS, written, { key: 'files', args: files }), RUN_OPTIONS, 'files');
    expect(planRun({}, [], {}, 4, 0, file)).toEqual(planRun(flags, ['a.csv'], env, 4, 0));
  });
});

describe('a configuration file', () => {
  const plan = (text: string, flags = {}, files: string[] = [], env = {}) =>
    planRun(flags, files, env, 4, 0, read(text, RUN_OPTIONS, 'files'));

  it('is YAML or JSON, with lists for repeatable options, and may be empty', () => {
    expect(plan('rps: 5e3 # a comment\nreport: [a.json, b.html]\nno-dashboard: true\nordered: false\n')).toMatchObject({
      ...{ schedule: { rps: 5000 }, reports: ['a.json', 'b.html'], dashboard: false, ordered: false },
    });
    expect(plan('{"files": "a.csv", "report": "a.json", "partition-key": "1"}')).toMatchObject({
      ...{ input: { files: ['a.csv'] }, reports: ['a.json'], partitionKey: '1' },
    });
    expect(plan('one: &a 5\n'.replace('one', 'count').concat('keys: *a\n'))).toMatchObject({
      count: 5,
      input: { keys: 5 },
    });
    expect(plan('# nothing\n')).toEqual(planRun({}, [], {}, 4, 0));
  });

  it('yields to variables, and these to flags', () => {
    const of = (flags: object, env: object) => plan('linger: 1ms\nfiles: [a.csv]', flags, [], env);
    expect(of({}, {})).toMatchObject({ lingerMs: 1, input: { files: ['a.csv'] } });
    expect(of({}, { KLOAD_LINGER: '2ms' })).toMatchObject({ lingerMs: 2 });
    expect(of({ linger: '3ms' }, { KLOAD_LINGER: '2ms' })).toMatchObject({ lingerMs: 3 });
    expect(plan('files: [a.csv]', {}, ['b.csv'])).toMatchObject({ input: { files: ['b.csv'] } });
  });

  it('yields to flags that exclude its options, or leave them without effect', () => {
    const replay = 'respect-timing: true\nspeed: 2\nfiles: a.csv\nstream: s\nregion: r';
    expect(plan(replay)).toMatchObject({ schedule: { kind: 'recorded', speed: 2 }, target: { kind: 'kinesis' } });
    expect(plan(replay, { rps: '5' })).toMatchObject({ schedule: { kind: 'constant-rate' } });
    expect(plan(replay, {}, [], { KLOAD_RPS: '5' })).toMatchObject({ schedule: { kind: 'constant-rate' } });
    expect(plan(replay, { target: 'null' })).toMatchObject({ target: { kind: 'null' } });
    expect(plan(replay, { topic: 't', brokers: 'k' })).toMatchObject({ target: { kind: 'kafka' } });
    expect(plan('speed: 2', { respectTiming: true }, ['a.csv'])).toMatchObject({ schedule: { speed: 2 } });
  });

  it.each([
    [
      'rps: 5\n\nrsp: 6\n',
      "c.yaml:3: unknown option 'rsp' (keys are the long options without their dashes; did you mean rps?)",
    ],
    ['header: false\n', /c.yaml:1: unknown option 'header' \(.* did you mean no-header\?\)/],
    ['config: a.yaml\n', /c.yaml:1: unknown option 'config'/],
    ['constructor: a\n', /c.yaml:1: unknown option 'constructor'/],
    ['? [a]\n: b\n', /c.yaml:1: unknown option ''/],
    ['stream: s\nrps: fast\n', "c.yaml:2: rps takes a number above 0, not 'fast' (undefined)"],
    ['rps: [5]\n', 'c.yaml:1: rps takes a text or a number, not a list (undefined)'],
    ['rps: {a: 5}\n', 'c.yaml:1: rps takes a text or a number, not a map (undefined)'],
    [
      'partition-key: true\n',
      'c.yaml:1: partition-key takes a text or a number, not true (put it in quotes if it is a text)',
    ],
    ['rps:\n', 'c.yaml:1: rps takes a text or a number, not nothing (undefined)'],
    ['loop: "true"\n', "c.yaml:1: loop takes true or false, not 'true' (undefined)"],
    ['report: [a.json, [b.json]]\n', 'c.yaml:1: report takes texts, not a list (undefined)'],
    ['rps: 5\nrps: 6\n', /c.yaml:2: .*unique/],
    ['rps: "5\n', /c.yaml:\d: .*quote.* \(fix the YAML\)/],
    ['- rps\n', /c.yaml:1: the file must hold options/],
    ['rps: !a 5\n', /c.yaml:1: .*!a/],
    [
      'rps: 5\nrespect-timing: true\nfiles: a.csv\n',
      /--rps and --respect-timing cannot .*; --rps comes from c.yaml:1; --respect-timing comes from c.yaml:2/,
    ],
    [
      'speed: 2\nfiles: a.csv\n',
      '--speed needs --respect-timing (leave it out, or add --respect-timing; --speed comes from c.yaml:1)',
    ],
    ['acks: all\n', /--acks cannot be used with the embedded target .*--acks comes from c.yaml:1/],
  ])('is refused with its line: %j', (text, message) => {
    expect(refusal(() => plan(text))).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  it('names the variable of an error that two options make', () => {
    expect(refusal(() => planRun({ speed: '2' }, ['a.csv'], { KLOAD_LOOP: '1', KLOAD_CHECKPOINT: 'c' }, 4))).toMatch(
      /--speed needs/,
    );
    expect(refusal(() => planRun({}, ['a.csv'], { KLOAD_RPS: '1', KLOAD_RESPECT_TIMING: '1' }, 4))).toContain(
      'pass only one of them; --rps comes from KLOAD_RPS; --respect-timing comes from KLOAD_RESPECT_TIMING',
    );
  });

  it('that cannot be read is named', () => {
    expect(refusal(() => readConfigFile('/nonexistent/c.yaml', RUN_OPTIONS))).toMatch(
      /--config c.yaml cannot be read: ENOENT/,
    );
  });

  it('also sets up an emulator, a tail and a recording', () => {
    const emulator = read('port: 0\nstream: [a:2, b]\nlimits: off\n', EMULATE_OPTIONS);
    expect(planEmulator({}, { KLOAD_PORT: '7' }, emulator)).toMatchObject({
      ...{
        limits: false,
        server: {
          port: 7,
          streams: [
            { name: 'a', shards: 2 },
            { name: 'b', shards: 1 },
          ],
        },
      },
    });
    const tail = read('stream: orders\nfan-out: true\nno-follow: true\nfrom: -5m\n', TAIL_OPTIONS, 'stream');
    expect(planTail('tail', undefined, {}, {}, 0, tail)).toMatchObject({
      source: { name: 'orders', fanOut: '' },
      follow: false,
    });
    expect(planTail('tail', 'other', { from: 'earliest' }, {}, 0, tail)).toMatchObject({
      ...{ source: { name: 'other' }, fromText: 'earliest' },
    });
    const record = read('topic: t\nbrokers: k\noutput: o.ndjson\n', RECORD_OPTIONS, 'stream');
    expect(planTail('record', undefined, {}, {}, 0, record)).toMatchObject({
      source: { name: 't' },
      output: 'o.ndjson',
    });
    expect(
      refusal(() =>
        planTail('tail', undefined, {}, {}, 0, read('from: latest\nno-follow: true', TAIL_OPTIONS, 'stream')),
      ),
    ).toMatch(/no stream/);
  });
});
