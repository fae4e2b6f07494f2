import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { RUN_OPTIONS } from '../../src/config/run-options.js';
import { RunArguments } from '../../src/job/run-arguments.js';
import { folder, kload } from '../support/kload.js';

async function job(...args: string[]) {
  const ended = await kload(['job', ...args]);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return ended.stdout;
}

describe('kload job kubernetes', () => {
  it('carries small files, binary ones too, and finds the barrier by a Service', async () => {
    using dir = folder();
    writeFileSync(dir.path('a.csv'), 'id;text\n1;naïve\n');
    writeFileSync(dir.path('b.bin'), Buffer.from([0xff, 0x00, 0x0a, 0xfe]));
    const run = ['run', dir.path('a.csv'), dir.path('b.bin'), '--format=lines', '--rps', '100', '--stream', 'orders'];
    const text = await job('kubernetes', '--parts', '8', '--name', 'load', '--secret', 'aws', '--', ...run);
    const [files, service, work] = parseAllDocuments(text).map((document) => document.toJS());
    expect(files).toMatchObject({ kind: 'ConfigMap', data: { 'a.csv': 'id;text\n1;naïve\n' } });
    expect(Buffer.from(files.binaryData['b.bin'], 'base64')).toEqual(Buffer.from([0xff, 0x00, 0x0a, 0xfe]));
    expect(service).toMatchObject({ kind: 'Service', spec: { clusterIP: 'None', publishNotReadyAddresses: true } });
    expect(work.spec).toMatchObject({ completionMode: 'Indexed', completions: 8, parallelism: 8 });
    const { containers, subdomain } = work.spec.template.spec;
    expect(subdomain).toBe(service.metadata.name);
    expect(containers[0].args.slice(0, 4)).toEqual(['run', '/etc/kload/a.csv', '/etc/kload/b.bin', '--format']);
    expect(containers[0].args.join(' ')).toContain('--part auto --barrier tcp://load-0.load:4600 --report -');
    expect(containers[0]).toMatchObject({
      env: [{ name: 'KLOAD_PARTS', value: '8' }],
      envFrom: [{ secretRef: { name: 'aws' } }],
    });
  });

  it('leaves what is on a volume there, and runs a part again only if it can resume', async () => {
    const mount = ['--volume', 'loads:/data', '--secret-volume', 'kafka:/secrets'];
    const run = ['run', '/data/a.csv', '--rps', '9', '--topic', 't', '--brokers', 'k:9092', '--sasl', 'plain'];
    const login = [
      '--sasl-username',
      'me',
      '--sasl-password-file',
      '/secrets/password',
      '--start-at',
      '2030-01-02T03:04:05Z',
    ];
    const of = async (...more: string[]) => {
      const text = await job('kubernetes', '--parts', '3', ...mount, '--', ...run, ...login, ...more);
      return parseAllDocuments(text).map((document) => document.toJS());
    };
    const [work, ...others] = await of();
    expect(others).toEqual([]);
    expect(work.spec.backoffLimitPerIndex).toBe(0);
    expect(work.spec.template.spec.containers[0].args.slice(-4)).toEqual([
      '--part',
      'auto',
      '--report',
      '/data/kload.json',
    ]);
    const [resumed] = await of('--checkpoint', '/data/a.ckpt', '--resume');
    expect(resumed.spec.backoffLimitPerIndex).toBe(3);
  });

  it('refuses secrets, large files and what the run would refuse', async () => {
    using dir = folder();
    writeFileSync(dir.path('large.txt'), 'x'.repeat(2 ** 20));
    const errorOf = async (...args: string[]) => {
      const { code, stderr } = await kload(['job', ...args]);
      return [code, stderr.split('\n')[0]!.replaceAll(`${dir.path('')}/`, '')];
    };
    const kafka = [
      'run',
      '--rps',
      '9',
      '--topic',
      't',
      '--brokers',
      'k:9092',
      '--sasl',
      'plain',
      '--sasl-username',
      'me',
    ];
    writeFileSync(dir.path('password'), 'secret');
    const found = [
      await errorOf('kubernetes', '--parts', '2', '--', ...kafka, '--sasl-password-file', dir.path('password')),
      await errorOf('kubernetes', '--parts', '2', '--', 'run', dir.path('large.txt'), '--stream', 's'),
      await errorOf('aws-batch', '--parts', '2', '--', 'run', dir.path('large.txt'), '--stream', 's'),
      await errorOf('slurm', '--parts', '2', '--', 'run', '--rsp', '5'),
      await errorOf('slurm', '--parts', '2', '--', 'tail'),
      await errorOf('slurm', '--', 'run'),
    ];
    expect(found).toEqual([
      [2, 'kload: --sasl-password-file password holds a secret, which a manifest must not'],
      [2, 'kload: large.txt is too large: the files have 1.0 MB, a ConfigMap takes 717 kB'],
      [2, 'kload: large.txt is not on the volume'],
      [2, "kload: unknown option '--rsp'"],
      [2, "kload: a job is made of a run, not of 'tail'"],
      [2, 'kload: --parts is missing'],
    ]);
  });
});

describe('kload job aws-batch', () => {
  it('prints the input of both calls', async () => {
    const text = await job('aws-batch', '--parts', '4', '--queue', 'q', '--', 'run', '--rps', '5', '--stream', 's');
    const { registerJobDefinition, submitJob } = JSON.parse(text);
    expect(submitJob).toMatchObject({ jobQueue: 'q', arrayProperties: { size: 4 } });
    expect(submitJob.jobDefinition).toBe(registerJobDefinition.jobDefinitionName);
    expect(registerJobDefinition.containerProperties.command).toEqual(
      'run --rps 5 --stream s --part auto --report -'.split(' '),
    );
  });
});

describe('the arguments of a run', () => {
  it('are put together as they were, whatever the files are called', () => {
    const value = fc.string({ minLength: 1 }).filter((text) => !text.startsWith('-'));
    const piece = fc.oneof(
      value.map((file) => ({ args: [file], files: [file] })),
      fc.constantFrom('--rps', '--stream').chain((flag) => value.map((text) => ({ args: [flag, text], files: [] }))),
      fc.constantFrom('--ordered', '--quiet').map((flag) => ({ args: [flag], files: [] })),
      value.map((file) => ({ args: ['--rate-file', file], files: [file] })),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const args = pieces.flatMap((one) => one.args);
        const parsed = new RunArguments(args, RUN_OPTIONS);
        expect(parsed.with(({ file }) => file)).toEqual(args);
        expect(parsed.files.map(({ file }) => file)).toEqual(pieces.flatMap(({ files }) => files));
      }),
    );
  });
});
