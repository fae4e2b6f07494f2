import { expect, it, vi } from 'vitest';
import { openEmbedded } from '../../../src/kinesis/embedded/open-target.js';
import { openConnection } from '../../../src/kinesis/open-target.js';

vi.mock('../../../src/kinesis/open-target.js');

it('stops the emulator when its stream cannot be opened', async () => {
  const opening = vi.mocked(openConnection).mockRejectedValue(new Error('no stream'));
  const plan = { kind: 'embedded', shards: 1, limits: false, region: 'us-east-1', wire: 'cbor' } as const;
  await expect(openEmbedded(plan, { timeoutMs: 1000, onWait: () => {} })).rejects.toThrow('no stream');
  const [{ endpoint }] = opening.mock.lastCall!;
  await expect(fetch(endpoint!)).rejects.toThrow('fetch failed');
});
