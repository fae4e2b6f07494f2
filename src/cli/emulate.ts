import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { EMULATE_OPTIONS } from '../config/emulate-options.js';
import { type EmulatorPlan, emulatorGiven, planEmulator } from '../config/emulate-plan.js';
import { KloadError, messageOf } from '../core/errors.js';
import {
  DataDirError,
  type Emulator,
  type EmulatorOptions,
  FaultError,
  type LimitsSetting,
  parseLimits,
  startEmulator,
} from '../emulator/index.js';
import { keepYoungGenerationSmall } from '../system/young-generation.js';
import { commandOf } from './command.js';
import { givenTo, naming, printConfig } from './config.js';
import { printLines } from './print.js';
import { onStopSignal } from './stop-signals.js';

export function emulateCommand(finish: (exitCode: number) => void): Command {
  const command = commandOf('emulate', 'Run a Kinesis emulator on this machine until Ctrl-C.', EMULATE_OPTIONS);
  command.action(async () => {
    const { flags, file } = await givenTo(command, EMULATE_OPTIONS);
    const plan = planEmulator(flags, process.env, file);
    if (flags.printConfig === true) {
      return printConfig(EMULATE_OPTIONS, emulatorGiven(flags, process.env, file), process.env);
    }
    const stopped = new Promise<void>((resolve) => {
      const offSignals = onStopSignal(() => {
        // A second signal ends the process, even while the emulator closes.
        offSignals();
        resolve();
      });
    });
    const emulator = await naming(EMULATE_OPTIONS, { flags, file }, () => start(plan));
    printLines(process.stdout, `Kinesis is emulated at ${emulator.endpoint}${streamsOf(plan)}`);
    // After the start, which it would slow down.
    keepYoungGenerationSmall();
    if (plan.printCa) process.stdout.write(await emulator.caCertificate());
    await stopped;
    await emulator.close();
    finish(0);
  });
  return command;
}

function streamsOf({ server }: EmulatorPlan): string {
  const names = server.streams.map((stream) => {
    // A stream kept in the data directory may have other shards by now.
    if (server.dataDir !== undefined) return stream.name;
    return `${stream.name} (${'shards' in stream ? stream.shards : 'on-demand'})`;
  });
  return names.length === 0 ? '' : `, streams: ${names.join(', ')}`;
}

async function start(plan: EmulatorPlan): Promise<Emulator> {
  const { tlsFiles, server } = plan;
  const tls = tlsFiles && { cert: read('--tls-cert', tlsFiles.cert), key: read('--tls-key', tlsFiles.key) };
  const options: EmulatorOptions = { ...server, limits: limitsOf(plan), ...(tls && { tls }) };
  try {
    return await startEmulator(options);
  } catch (error) {
    throw startError(error, server);
  }
}

function limitsOf({ limits }: EmulatorPlan): LimitsSetting {
  if (typeof limits !== 'object') return limits;
  const json = read('--limits', limits.file);
  try {
    return parseLimits(json, limits.file);
  } catch (error) {
    throw new KloadError('usage', `--limits: ${messageOf(error)}`);
  }
}

function read(flag: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new KloadError('usage', `${flag}: the file cannot be read: ${messageOf(error)}`);
  }
}

/** Turns an error of the start into one that the user can fix. */
function startError(error: unknown, { host }: EmulatorPlan['server']): unknown {
  if (error instanceof DataDirError) return new KloadError('usage', error.message, error.hint);
  if (error instanceof FaultError) return new KloadError('usage', `--fault: ${error.message}`);
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    const hint = 'pass another --port, or --port 0 for a free one';
    return new KloadError('usage', `the emulator cannot listen: ${messageOf(error)}`, hint);
  }
  if (syscall === 'listen' || syscall === 'getaddrinfo' || syscall === 'bind') {
    const hint = `--host ${host} must be an address of this machine, and you must be allowed to use the port`;
    return new KloadError('usage', `the emulator cannot listen: ${messageOf(error)}`, hint);
  }
  return new KloadError('usage', `the emulator cannot start: ${messageOf(error)}`);
}
