const TICK_MS = 2;

/**
 * Measures how late the timers of this process are while it has nothing else to do: the delay that the machine itself
 * adds to the processes that are measured.
 *
 * @returns stops; returns how late a timer due in each millisecond since the start was, sorted
 */
export function watchMachine(): () => number[] {
  const lateMs: number[] = [];
  let lastMs = performance.now();
  const ticks = setInterval(() => {
    const nowMs = performance.now();
    // A timer due since the last tick had to wait for this one.
    for (let dueMs = lastMs; dueMs < nowMs; dueMs++) lateMs.push(Math.max(0, nowMs - dueMs - TICK_MS));
    lastMs = nowMs;
  }, TICK_MS);
  return () => {
    clearInterval(ticks);
    return lateMs.sort((a, b) => a - b);
  };
}
