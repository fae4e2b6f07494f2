import { expect, onTestFinished, test, vi } from 'vitest';
import { KinesisTarget } from '../../../src/kinesis/target.js';
import { BATCH, connectionTo, oddServer, serviceWith } from '../support/odd-server.js';

// In its own process, because the SDK reads this variable once per process.
test('AWS_DISABLE_CLOCK_SKEW_CORRECTION keeps kload from correcting the clock', async () => {
  vi.stubEnv('AWS_DISABLE_CLOCK_SKEW_CORRECTION', 'true');
  await using server = await oddServer(serviceWith(3_600_000, 'InvalidSignatureException'));
  const target = new KinesisTarget(connectionTo(server.endpoint), 'json');
  onTestFinished(() => {
    target.close();
    vi.unstubAllEnvs();
  });
  const { refusal } = await target.send(BATCH, () => {});
  expect(refusal).toMatchObject({ kind: 'fatal', code: 'InvalidSignatureException' });
  expect(server.requests).toHaveLength(1);
});
