import { expect, it, vi } from 'vitest';
import { openEmbedded } from '../../../src/kinesis/embedded/open-target.js';
import { openConnection } from '../../../src/kinesis/open-target.js';

vi.mock('../../../src/kinesis/open-target.js');

const PLAN = { kind: 'embedded', shards: 1, limits: false, region: 'us-east-1', wire: 'cbor' } as const;

it('stops the emulator when its stream cannot be opened', async () => {
  const opening = vi.mocked(openConnection).mockRejectedValue(new Error('no stream'));
  await expect(openEmbedded(PLAN, { timeoutMs: 1000, onWait: () => {} })).rejects.toThrow('no stream');
  const [{ endpoint }] = opening.mock.lastCall!;
  await expect(fetch(endpoint!)).rejects.toThrow('fetch failed');
});

it('serves any number of runs in turn without a warning of leaked listeners', async () => {
  vi.mocked(openConnection).mockResolvedValue({ report: {} } as Awaited<ReturnType<typeof openConnection>>);
  const warned = vi.fn();
  process.on('warning', warned);
  const target = await openEmbedded(PLAN, { timeoutMs: 1000, onWait: () => {} });
  for (let run = 0; run < 20; run++) target.onCrash(() => {});
  await target.close();
  process.off('warning', warned);
  expect(warned).not.toHaveBeenCalled();
});
