const TICK_MS = 2;

/**
 * How late does the machine make a process that has nothing to do? This one asks its timers, while those that are measured
 * run: what a bystander suffers, too, is not theirs.
 * @returns {() => number[]} ends it, and gives for each millisecond since the start by how many a timer due then was late, sorted
 */
export function watchMachine() {
  /** @type {number[]} */
  const lateMs = [];
  let lastMs = performance.now();
  const ticks = setInterval(() => {
    const nowMs = performance.now();
    // Whatever was due after the last tick had to wait for this one.
    for (let dueMs = lastMs; dueMs < nowMs; dueMs++) lateMs.push(Math.max(0, nowMs - dueMs - TICK_MS));
    lastMs = nowMs;
  }, TICK_MS);
  return () => {
    clearInterval(ticks);
    return lateMs.sort((a, b) => a - b);
  };
}
