/**
 * What must be undone however the benches end: children ended, temporary files removed. All of it is synchronous, for
 * it happens while the process exits.
 * @type {Set<() => void>}
 */
const undone = new Set();

const EXIT_INTERRUPTED = 130;

/**
 * @param {() => void} undo called at the exit of the process, unless the function returned was called before
 * @returns {() => void}
 */
export function atExit(undo) {
  undone.add(undo);
  return () => undone.delete(undo);
}

/** Ctrl-C, `kill` and a closed terminal end the process by way of its exit. To be called once. */
export function endOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(EXIT_INTERRUPTED));
  process.on('exit', () => {
    for (const undo of undone) undo();
  });
}
