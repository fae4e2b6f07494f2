import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { folder } from '../support/kload.js';

/** A third kind of target takes a folder and a line in the table, and works like the others. */

const SENDER = fileURLToPath(new URL('./file-kind/sender.js', import.meta.url));
const DIST = '../../dist/src';

type Given = Readonly<Record<string, unknown>>;
type Modules = {
  readonly planRun: typeof import('../../src/config/run-plan.js').planRun;
  readonly openRun: typeof import('../../src/run/open-run.js').openRun;
  readonly summary: typeof import('../../src/report/summary.js').summary;
  readonly runOptions: typeof import('../../src/config/run-options.js').RUN_OPTIONS;
};
let modules: Modules;

beforeAll(async () => {
  const { TARGET_KINDS } = await import(`${DIST}/target/kinds.js`);
  const { fileKind } = await import('./file-kind/kind.js');
  // Stands for the line in the table, which the options and plans of the command line are made from.
  Object.assign(TARGET_KINDS, { file: fileKind });
  const [{ planRun }, { openRun }, { summary }, { RUN_OPTIONS: runOptions }] = await Promise.all([
    import(`${DIST}/config/run-plan.js`),
    import(`${DIST}/run/open-run.js`),
    import(`${DIST}/report/summary.js`),
    import(`${DIST}/config/run-options.js`),
  ]);
  modules = { planRun, openRun, summary, runOptions };
});

async function run(given: Given, files: readonly string[] = []) {
  const run = await modules.openRun(modules.planRun(given, files, {}, 2), () => {}, { workerModule: SENDER });
  return run.execute();
}

describe('a target that appends to a file', () => {
  it('gets each record of a recording once, from several workers', async () => {
    using dir = folder();
    const lines = Array.from({ length: 5000 }, (_, n) => `line ${n}`);
    writeFileSync(dir.path('in.txt'), `${lines.join('\n')}\n`);
    const report = await run({ appendTo: dir.path('out'), format: 'lines', workers: '3' }, [dir.path('in.txt')]);
    expect(report.outcome).toMatchObject({ exitCode: 0, reason: null });
    expect(report.records).toMatchObject({ read: 5000, sent: 5000 });
    expect(report.target).toMatchObject({ kind: 'file', stream: dir.path('out') });
    expect(report.config.target).toEqual({ kind: 'file', appendTo: dir.path('out') });
    expect(readFileSync(dir.path('out'), 'utf8').split('\n').slice(0, -1).sort()).toEqual(lines.sort());
    expect(modules.summary(report)).toContain(`target      file ${dir.path('out')}`);
  });

  it('has its own limits: a record that is too large is rejected', async () => {
    using dir = folder();
    writeFileSync(dir.path('in.txt'), `short\n${'x'.repeat(2000)}\n`);
    const given = { appendTo: dir.path('out'), format: 'lines', onBadRecord: 'skip' };
    const report = await run(given, [dir.path('in.txt')]);
    expect(report.records).toMatchObject({ sent: 1, rejected: 1 });
    expect(report.rejectedFirst[0]!.reason).toMatch(/the file takes 1000/);
  });

  it('takes part in --help, and in the checks of options', () => {
    const plan = (given: Given) => modules.planRun(given, [], {}, 2);
    expect(modules.runOptions.target.help).toContain('file (appends to a file)');
    expect(() => plan({ target: 'file' })).toThrow('--target file needs a file');
    expect(() => plan({ appendTo: 'f', shards: '2' })).toThrow('--shards cannot be used with the file target');
    expect(() => plan({ appendTo: 'f', stream: 's' })).toThrow('--stream and --append-to cannot be used together');
    expect(() => plan({ appendTo: 'f', batchSize: '201' })).toThrow(
      '--batch-size takes at most 200 for the file target',
    );
  });
});
