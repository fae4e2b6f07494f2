import { TIMER_MS_MAX } from '../../core/waiting.js';

export const SILENT = Symbol('silent');

/** What `next` resolves to, or SILENT if that takes longer than `waitMs`. The run may end meanwhile. */
export async function orSilent<T>(next: Promise<T>, waitMs: number): Promise<T | typeof SILENT> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<typeof SILENT>((resolve) => {
    timer = setTimeout(() => resolve(SILENT), Math.min(TIMER_MS_MAX, waitMs));
    timer.unref();
  });
  try {
    return await Promise.race([next, silence]);
  } finally {
    clearTimeout(timer);
  }
}
