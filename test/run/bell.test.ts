import { describe, expect, it, vi } from 'vitest';
import { Bell } from '../../src/run/bell.js';

describe('a bell', () => {
  it('ends a wait when it is rung, or when its time is over, and no later one', async () => {
    vi.useFakeTimers();
    try {
      const bell = new Bell();
      const ended: string[] = [];
      const wait = (name: string, ms?: number) => bell.wait(ms).then(() => ended.push(name));
      bell.ring();
      void wait('rung', 20);
      await vi.advanceTimersByTimeAsync(10);
      bell.ring();
      void wait('timed', 20);
      await vi.advanceTimersByTimeAsync(19);
      expect(ended).toEqual(['rung']);
      await vi.advanceTimersByTimeAsync(1);
      expect(ended).toEqual(['rung', 'timed']);
      void wait('without a time');
      await vi.advanceTimersByTimeAsync(1_000_000);
      expect(ended).toEqual(['rung', 'timed']);
      bell.ring();
      bell.ring();
      await vi.advanceTimersByTimeAsync(0);
      expect(ended).toEqual(['rung', 'timed', 'without a time']);
    } finally {
      vi.useRealTimers();
    }
  });
});
