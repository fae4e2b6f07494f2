import { isatty } from 'node:tty';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Calls `stop` on each signal that asks the command to end. Returns a function that removes the handlers. */
export function onStopSignal(stop: () => void): () => void {
  const isNohup = isUnderNohup(process.env);
  const handlerOf = (signal: (typeof STOP_SIGNALS)[number]) => (signal === 'SIGHUP' && isNohup ? outlive : stop);
  for (const signal of STOP_SIGNALS) process.on(signal, handlerOf(signal));
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, handlerOf(signal));
  };
}

/**
 * `nohup` starts a command with SIGHUP ignored, but Node.js resets that before any JavaScript runs. Two traces remain:
 * shells put the command they started into `_`, and nohup takes the standard streams off the terminal (BSD's leaves
 * standard input there). SIGHUP says that the terminal is gone, so a command without one can ignore it.
 */
function isUnderNohup({ _: command = '' }: NodeJS.ProcessEnv): boolean {
  return /(^|\/)nohup$/.test(command) || ![0, 1, 2].some(isatty);
}

function outlive(): void {}
