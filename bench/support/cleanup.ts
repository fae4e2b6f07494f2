/**
 * Functions that kill child processes and remove temporary files, however the benches end. They are synchronous,
 * because they run while the process exits.
 */
const cleanups = new Set<() => void>();

const EXIT_INTERRUPTED = 130;

/**
 * @param cleanUp called when the process exits, unless it has been cancelled
 * @returns cancels it
 */
export function atExit(cleanUp: () => void): () => void {
  cleanups.add(cleanUp);
  return () => cleanups.delete(cleanUp);
}

/** Lets Ctrl-C, `kill` and a closed terminal exit the process, so that the cleanups run. Call it once. */
export function endOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(EXIT_INTERRUPTED));
  process.on('exit', () => {
    for (const cleanUp of cleanups) cleanUp();
  });
}
