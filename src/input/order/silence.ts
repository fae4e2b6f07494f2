export const SILENT = Symbol('silent');

/** The longest delay that a timer takes. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** What `next` resolves to, or SILENT if that takes longer than `waitMs`. The run may end meanwhile. */
export async function orSilent<T>(next: Promise<T>, waitMs: number): Promise<T | typeof SILENT> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<typeof SILENT>((resolve) => {
    timer = setTimeout(() => resolve(SILENT), Math.min(TIMER_MAX_MS, waitMs));
    timer.unref();
  });
  try {
    return await Promise.race([next, silence]);
  } finally {
    clearTimeout(timer);
  }
}
