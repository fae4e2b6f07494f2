import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { folder, kload, ledgerOf, readReport, startEmulator } from '../support/kload.js';
import { readStream } from '../support/stream.js';

it('a run goes over TLS to whom the user trusts, and to nobody else', { tags: 'long' }, async () => {
  using dir = folder();
  await using emulator = await startEmulator('--stream', 's:2', '--limits', 'off');
  const { port } = new URL(emulator.endpoint);
  const ca = await fetch(`${emulator.endpoint}/_kload/ca.pem`);
  writeFileSync(dir.path('ca.pem'), await ca.text());
  const target = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', `https://localhost:${port}`];
  const run = ['run', '--count', '3000', ...target, '--report', dir.path('r.json'), '--quiet'];

  const trusted = await kload(run, undefined, { NODE_EXTRA_CA_CERTS: dir.path('ca.pem') });
  expect(trusted).toMatchObject({ code: 0, stderr: '' });
  expect(ledgerOf(readReport(dir.path('r.json')))).toMatchObject({ sent: 3_000, maybeDuplicated: 0 });
  expect(await readStream(emulator.endpoint, 's')).toHaveLength(3_000);

  // What the AWS CLI takes.
  writeFileSync(dir.path('config'), `[default]\nca_bundle = ${dir.path('ca.pem')}\n`);
  for (const env of [{ AWS_CA_BUNDLE: dir.path('ca.pem') }, { AWS_CONFIG_FILE: dir.path('config') }]) {
    expect(await kload(run, undefined, env)).toMatchObject({ code: 0, stderr: '' });
    for (const how of [[], ['--fan-out']]) {
      const tail = ['tail', 's', '--count', '5', '--from', 'trim-horizon', '--quiet', ...how, ...target.slice(2)];
      const { code, stdout } = await kload(tail, undefined, env);
      expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, lines: 5 });
    }
  }

  const untrusted = await kload(run);
  expect(untrusted.code).toBe(4);
  expect(untrusted.stderr).toBe(
    `kload: https://localhost:${port} (region us-east-1) ` +
      `has a certificate that is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)\n` +
      '       name the CA that signed it: AWS_CA_BUNDLE=ca.pem\n',
  );
});
