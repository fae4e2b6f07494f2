import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { folder, kload } from '../support/kload.js';

/** The published schemas of Kubernetes, by the package kubernetes-validate. */

const VALIDATE = fileURLToPath(new URL('../../.interop/kubernetes/bin/kubernetes-validate', import.meta.url));

async function validated(file: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(VALIDATE, ['--strict', file]).catch((error) => error);
  return `${stdout}${stderr}`;
}

async function manifest(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await kload(['job', 'kubernetes', '--parts', '8', ...args]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout;
}

describe('the manifests of kload job kubernetes', () => {
  it('are a Job, a Service and a ConfigMap by the published schemas', async () => {
    using dir = folder();
    writeFileSync(dir.path('binary.bin'), Buffer.from([0xff, 0xfe, 0x00]));
    const files = [dir.path('binary.bin'), 'examples/orders.csv'];
    const all = await manifest('--', 'run', ...files, '--format', 'lines', '--rps', '100', '--stream', 'orders');
    const volumes = ['--volume', 'loads:/data', '--secret-volume', 'kafka:/secrets', '--service-account', 'loader'];
    const run = ['run', '/data/a.csv', '--rps', '9', '--stream', 's', '--checkpoint', '/data/a.ckpt', '--resume'];
    const more = await manifest(...volumes, '--secret', 'aws', '--', ...run);
    for (const [text, kinds] of [
      [all, ['configmap', 'service', 'job']] as const,
      [more, ['service', 'job']] as const,
    ]) {
      writeFileSync(dir.path('job.yaml'), text);
      const said = await validated(dir.path('job.yaml'));
      expect(said).not.toMatch(/ERROR|did not validate/);
      for (const kind of kinds) expect(said).toMatch(new RegExp(`passed for resource ${kind}/kload`));
    }
  });

  it('would be refused with a field that the schemas do not have', async () => {
    using dir = folder();
    const text = await manifest('--', 'run', '--rps', '9', '--stream', 's');
    writeFileSync(dir.path('job.yaml'), text.replace('completionMode:', 'completionModes:'));
    expect(await validated(dir.path('job.yaml'))).toContain('completionModes');
  });
});
