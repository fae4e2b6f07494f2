import { Command, CommanderError } from 'commander';
import { EXIT_CODES } from '../core/errors.js';
import { version } from '../system/version.js';
import { printError, reportError } from './errors.js';

type Finish = (exitCode: number) => void;

/** A command is loaded only if it is named, or to list them all: loading dominates the start-up time. */
const COMMANDS: ReadonlyMap<string, (finish: Finish) => Promise<Command>> = new Map([
  ['run', async (finish: Finish) => (await import('./run.js')).runCommand(finish)],
  ['find-max', async (finish: Finish) => (await import('./find-max.js')).findMaxCommand(finish)],
  ['tail', async (finish: Finish) => (await import('./tail.js')).tailCommand(finish)],
  ['record', async (finish: Finish) => (await import('./tail.js')).recordCommand(finish)],
  ['verify', async (finish: Finish) => (await import('./verify.js')).verifyCommand(finish)],
  ['report', async (finish: Finish) => (await import('./report.js')).reportCommand(finish)],
  ['compare', async (finish: Finish) => (await import('./compare.js')).compareCommand(finish)],
  ['merge', async (finish: Finish) => (await import('./merge.js')).mergeCommand(finish)],
  ['job', async (finish: Finish) => (await import('./job.js')).jobCommand(finish)],
  ['emulate', async (finish: Finish) => (await import('./emulate.js')).emulateCommand(finish)],
  ['completion', async () => (await import('./completion/command.js')).completionCommand(allCommands)],
]);

function allCommands(): Promise<Command[]> {
  return Promise.all([...COMMANDS.values()].map((make) => make(() => {})));
}

// Anything still open, such as a pending read of standard input, must not keep the process alive.
void main(process.argv).then((exitCode) => process.exit(exitCode));

/** Runs a command line and returns the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT_CODES.ok.code;
  const finish = (code: number) => {
    exitCode = code;
  };
  const program = new Command('kload')
    .description(
      'Load generator and traffic replayer for Amazon Kinesis Data Streams and Kafka, with a Kinesis emulator.',
    )
    .version(version(), '-V, --version', 'print the version');
  const named = COMMANDS.get(argv[2] ?? '');
  const makers = named === undefined ? COMMANDS.values() : [named];
  for (const command of await Promise.all([...makers].map((make) => make(finish)))) program.addCommand(command);
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)])
    command.exitOverride().configureOutput({ outputError: () => {} });
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error);
    if (error.exitCode === 0) return EXIT_CODES.ok.code;
    // Without a command, commander has printed the help.
    if (error.code === 'commander.help') return EXIT_CODES.usage.code;
    const [, message = error.message, suggestion] = /^error: (.*?)(?:\n\(Did (.*)\))?$/s.exec(error.message) ?? [];
    const commandLine = named === undefined ? 'kload' : `kload ${argv[2]}`;
    printError(message, suggestion === undefined ? `see ${commandLine} --help` : `did ${suggestion}`);
    return EXIT_CODES.usage.code;
  }
}
