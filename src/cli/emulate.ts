import type { Command } from 'commander';
import { EMULATE_OPTIONS } from '../config/emulate-options.js';
import { planEmulator } from '../config/emulate-plan.js';
import { KloadError, messageOf } from '../core/errors.js';
import { DataDirError, type Emulator, startEmulator } from '../emulator/index.js';
import { commandOf, givenOptions } from './command.js';

export function emulateCommand(finish: (exitCode: number) => void): Command {
  const command = commandOf('emulate', 'Serve an emulated Kinesis on this machine until Ctrl-C.', EMULATE_OPTIONS);
  command.action(async () => {
    const { streams, ...options } = planEmulator(givenOptions(command, EMULATE_OPTIONS), process.env);
    const emulator = await start({
      ...options,
      streams,
      log: { level: 'error' },
    });
    const names = streams.map(({ name, shards }) => `${name} (${shards})`).join(', ');
    process.stdout.write(`Kinesis is emulated at ${emulator.endpoint}${names && `, streams: ${names}`}\n`);
    await new Promise<void>((resolve) => {
      process.once('SIGINT', () => resolve());
      process.once('SIGTERM', () => resolve());
    });
    await emulator.close();
    finish(0);
  });
  return command;
}

async function start(options: Parameters<typeof startEmulator>[0]): Promise<Emulator> {
  try {
    return await startEmulator(options);
  } catch (error) {
    if (error instanceof DataDirError) throw new KloadError('usage', error.message, error.hint);
    throw new KloadError(
      'usage',
      `the emulator cannot listen: ${messageOf(error)}`,
      'pass another --port, or --port 0 for a free one',
    );
  }
}
