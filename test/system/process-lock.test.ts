import { linkSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LockHeld, ProcessLock } from '../../src/system/process-lock.js';
import { folder } from '../support/kload.js';
import { runs } from '../support/runs.js';

/** Leaves what a killed holder of the lock leaves behind: a socket on which nothing listens. */
async function leaveDead(path: string, ...names: string[]): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.origin`, resolve));
  for (const name of names) linkSync(`${path}.origin`, name);
  await new Promise((resolve) => server.close(resolve));
}

const holderIn = (results: readonly PromiseSettledResult<ProcessLock>[]) =>
  results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));

describe('a lock', () => {
  it.each(['free', 'left by a killed process'])(
    'that is %s goes to one of many that want it at once',
    async (state) => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }), async (turns) => {
          using dir = folder();
          const path = dir.path('a.lock');
          if (state !== 'free') await leaveDead(path, path, `${path}.0123abcd`);
          const taken = turns.map(async (wait) => {
            for (let turn = 0; turn < wait; turn++) await new Promise(setImmediate);
            return ProcessLock.take(path);
          });
          const results = await Promise.allSettled(taken);
          const [holder, ...others] = holderIn(results);
          expect(others).toEqual([]);
          for (const result of results) {
            if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(LockHeld);
          }
          await expect(ProcessLock.take(path)).rejects.toThrow(`in use by another kload, process ${process.pid}`);
          await holder!.release();
          expect(readdirSync(dir.path('.'))).toEqual([]);
          await (await ProcessLock.take(path)).release();
        }),
        { numRuns: runs(60) },
      );
    },
  );

  it('works for a path that is too long for a socket', async () => {
    using dir = folder();
    const path = dir.path(`${'long'.repeat(40)}.lock`);
    const lock = await ProcessLock.take(path);
    expect(readdirSync(dir.path('.'))).toEqual([]);
    await expect(ProcessLock.take(path)).rejects.toBeInstanceOf(LockHeld);
    await lock.release();
    await (await ProcessLock.take(path)).release();
  });
});
