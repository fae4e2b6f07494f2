import fc from 'fast-check';
import { test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { runs } from '../support/runs.js';
import { COMMANDS, type Command, createFirst } from './model/commands.js';
import { type ModelDelays, ServiceModel } from './model/service-model.js';
import { clientOf, TestClock } from './support.js';

const delay = fc.constantFrom(0, 0, 500, 70_000);
const delays = fc.record({ create: delay, update: delay, delete: delay });

async function compare(commands: Iterable<Command>, given: ModelDelays): Promise<void> {
  const clock = new TestClock();
  const emulator = await startEmulator({
    now: clock.now,
    limits: false,
    createDelayMs: given.create,
    updateDelayMs: given.update,
    deleteDelayMs: given.delete,
  });
  const client = clientOf(emulator);
  try {
    const model = new ServiceModel(given, clock.now);
    await createFirst(model, { client, clock });
    await fc.asyncModelRun(() => ({ model, real: { client, clock } }), commands);
  } finally {
    client.destroy();
    await emulator.close();
  }
}

test('the emulator and a small model of the service agree on any sequence of operations', async () => {
  const commands = fc.commands(COMMANDS, { maxCommands: 100, size: 'max' });
  await fc.assert(fc.asyncProperty(commands, delays, compare), { numRuns: runs(30) });
}, 120_000);
