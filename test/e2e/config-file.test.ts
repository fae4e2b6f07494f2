import { existsSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { folder, kload, ledgerOf, readReport } from '../support/kload.js';

it('a run takes its options from a file, and prints them as the same file without sending', async () => {
  using dir = folder();
  const [input, report, config] = [dir.path('a.txt'), dir.path('r.json'), dir.path('c.yaml')];
  writeFileSync(input, 'one\ntwo\nthree\n');
  writeFileSync(config, `files: [${input}]\ntarget: "null"\nrps: 10\nlinger: 2ms\nreport: ${report}\n`);
  const args = ['run', '--config', config, '--rps', '1000'];
  const printed = await kload([...args, '--print-config'], undefined, { KLOAD_LINGER: '1ms' });
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  expect(existsSync(report)).toBe(false);
  writeFileSync(dir.path('printed.yaml'), printed.stdout);
  expect((await kload(['run', '--config', dir.path('printed.yaml'), '--print-config'])).stdout).toBe(printed.stdout);

  expect((await kload(['run', '--config', dir.path('printed.yaml')])).code).toBe(0);
  expect(ledgerOf(readReport(report)).sent).toBe(3);
  expect(readReport(report).config).toMatchObject({ schedule: { rps: 1000 }, lingerMs: 1, target: { kind: 'null' } });
});

it('an error on the way names the variable or the line that its option comes from', async () => {
  using dir = folder();
  writeFileSync(dir.path('c.yaml'), 'target: "null"\nreport: /nonexistent/r.json\n');
  expect((await kload(['run', '--config', dir.path('c.yaml'), '--count', '1'])).stderr).toContain(
    `--report comes from ${dir.path('c.yaml')}:2\n`,
  );
  const noLimits = { KLOAD_LIMITS: '/nonexistent/limits.json' };
  expect((await kload(['emulate', '--port', '0'], undefined, noLimits)).stderr).toMatch(
    /--limits: the file cannot be read: .*\n +--limits comes from KLOAD_LIMITS\n/,
  );
});

it('an emulator and a tail print their options as well, and refuse unknown ones', async () => {
  using dir = folder();
  const config = dir.path('c.yaml');
  writeFileSync(config, 'verify-signatures: AKID:secret\nport: 0\nstream: orders:2\n');
  const emulate = await kload(['emulate', '--config', config, '--print-config']);
  expect(emulate).toMatchObject({ code: 0, stdout: expect.stringMatching(/^port: 0\nstream:\n {2}- orders:2\n/) });
  expect(emulate.stdout).not.toContain('AKID');
  writeFileSync(config, 'strem: orders\n');
  for (const command of ['tail', 'record']) {
    const { code, stderr } = await kload([command, '--config', config]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(`kload: ${config}:1: unknown option 'strem'\n`),
    });
    expect(stderr).toContain('did you mean stream?');
  }
});
