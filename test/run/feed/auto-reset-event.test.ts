import { describe, expect, it, vi } from 'vitest';
import { AutoResetEvent } from '../../../src/run/feed/auto-reset-event.js';

describe('an event', () => {
  it('ends the current wait when it is set or the time is over, and no later wait', async () => {
    vi.useFakeTimers();
    try {
      const changed = new AutoResetEvent();
      const ended: string[] = [];
      const wait = (name: string, ms?: number) => changed.wait(ms).then(() => ended.push(name));
      changed.set();
      void wait('rung', 20);
      await vi.advanceTimersByTimeAsync(10);
      changed.set();
      void wait('timed', 20);
      await vi.advanceTimersByTimeAsync(19);
      expect(ended).toEqual(['rung']);
      await vi.advanceTimersByTimeAsync(1);
      expect(ended).toEqual(['rung', 'timed']);
      void wait('without a time');
      await vi.advanceTimersByTimeAsync(1_000_000);
      expect(ended).toEqual(['rung', 'timed']);
      changed.set();
      changed.set();
      await vi.advanceTimersByTimeAsync(0);
      expect(ended).toEqual(['rung', 'timed', 'without a time']);
    } finally {
      vi.useRealTimers();
    }
  });
});
