import { isatty } from 'node:tty';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Calls `stop` at each signal that asks the command to end; the function returned ends that. */
export function onStopSignal(stop: () => void): () => void {
  const isNohup = isUnderNohup(process.env);
  const handlerOf = (signal: (typeof STOP_SIGNALS)[number]) => (signal === 'SIGHUP' && isNohup ? outlive : stop);
  for (const signal of STOP_SIGNALS) process.on(signal, handlerOf(signal));
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, handlerOf(signal));
  };
}

/**
 * `nohup` starts a command with SIGHUP ignored, but Node.js resets that before any JavaScript runs. What remains
 * visible: nohup leaves no standard stream on the terminal (BSD's leaves standard input there), and shells name the
 * command they started in `_`. A command without a terminal has no other use for SIGHUP, which says that the terminal
 * is gone.
 */
function isUnderNohup({ _: command = '' }: NodeJS.ProcessEnv): boolean {
  return /(^|\/)nohup$/.test(command) || ![0, 1, 2].some(isatty);
}

function outlive(): void {}
