import { expect, onTestFinished, test, vi } from 'vitest';
import { KinesisTarget } from '../../../src/kinesis/target.js';
import { BATCH, connectionTo, oddServer, serviceWith } from './support/odd-server.js';

// In a file of its own: the SDK asks the environment once in a process.
test('the clock is left alone where the user says so', async () => {
  vi.stubEnv('AWS_DISABLE_CLOCK_SKEW_CORRECTION', 'true');
  await using server = await oddServer(serviceWith(3_600_000, 'InvalidSignatureException'));
  const target = new KinesisTarget(connectionTo(server.endpoint), 'json');
  onTestFinished(() => {
    target.close();
    vi.unstubAllEnvs();
  });
  const { refusal } = await target.send(BATCH, () => {});
  expect(refusal).toMatchObject({ kind: 'fatal', code: 'InvalidSignatureException' });
  expect(server.asked).toHaveLength(1);
});
