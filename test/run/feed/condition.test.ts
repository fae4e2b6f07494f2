import { describe, expect, it, vi } from 'vitest';
import { Condition } from '../../../src/run/feed/condition.js';

describe('a condition', () => {
  it('ends the current wait when it is notified or the time is over, and no later wait', async () => {
    vi.useFakeTimers();
    try {
      const changed = new Condition();
      const ended: string[] = [];
      const wait = (name: string, ms?: number) => changed.wait(ms).then(() => ended.push(name));
      changed.notify();
      void wait('notified', 20);
      await vi.advanceTimersByTimeAsync(10);
      changed.notify();
      void wait('timed', 20);
      await vi.advanceTimersByTimeAsync(19);
      expect(ended).toEqual(['notified']);
      await vi.advanceTimersByTimeAsync(1);
      expect(ended).toEqual(['notified', 'timed']);
      void wait('without a time');
      await vi.advanceTimersByTimeAsync(1_000_000);
      expect(ended).toEqual(['notified', 'timed']);
      changed.notify();
      changed.notify();
      await vi.advanceTimersByTimeAsync(0);
      expect(ended).toEqual(['notified', 'timed', 'without a time']);
    } finally {
      vi.useRealTimers();
    }
  });
});
