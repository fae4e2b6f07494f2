import { describe, expect, it } from 'vitest';
import { Reachability } from '../../src/send/reachability.js';

const NEVER = Number.NEGATIVE_INFINITY;
const NONE = Number.POSITIVE_INFINITY;

describe('a target that answers', () => {
  it('gets more requests at once with each answer, up to all that are allowed', () => {
    const target = new Reachability(8);
    const slots = [target.slots];
    for (let i = 0; i < 20; i++) {
      target.asked(i);
      target.answered(i, 0, false);
      slots.push(target.slots);
    }
    expect(slots[0]).toBeLessThanOrEqual(2);
    expect(slots).toEqual([...slots].sort((a, b) => a - b));
    expect(target.slots).toBe(8);
    expect(target.openAtMs).toBe(NEVER);
  });

  it('gets no more while it throttles', () => {
    const target = new Reachability(8);
    const { slots } = target;
    for (let i = 0; i < 20; i++) target.answered(i, 0, true);
    expect(target.slots).toBe(slots);
  });

  it('gets one at a time where no more are allowed', () => {
    const target = new Reachability(1);
    expect(target.slots).toBe(1);
    target.answered(10, 0, false);
    expect(target.slots).toBe(1);
  });

  it('is silent since the first request that nothing answered, since its last answer, or not at all', () => {
    const target = new Reachability(32);
    expect([target.unansweredSinceMs, target.answeredAtMs]).toEqual([NONE, NEVER]);
    target.asked(100);
    target.asked(110);
    expect(target.unansweredSinceMs).toBe(100);
    target.answered(120, 1, false);
    expect([target.unansweredSinceMs, target.answeredAtMs]).toEqual([120, 120]);
    target.answered(130, 0, true);
    expect([target.unansweredSinceMs, target.answeredAtMs]).toEqual([NONE, 130]);
    target.asked(5000);
    expect(target.unansweredSinceMs).toBe(5000);
  });
});

describe('a target that does not', () => {
  it('is tried one request at a time, after pauses that grow to a second at most', () => {
    const target = new Reachability(32);
    const pauses: number[] = [];
    for (let i = 0; i < 12; i++) {
      target.asked(i * 1000);
      target.unanswered(i * 1000, i * 1000, 0.999);
      expect(target.slots).toBe(1);
      pauses.push(target.openAtMs - i * 1000);
    }
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses[0]).toBeLessThanOrEqual(50);
    expect(pauses.at(-1)).toBe(1000);
    expect(target.unansweredSinceMs).toBe(0);
  });

  it('is paused for with jitter', () => {
    for (const [random, openAtMs] of [
      [0, 1000],
      [0.5, 1025],
    ] as const) {
      const target = new Reachability(32);
      target.unanswered(900, 1000, random);
      expect(target.openAtMs).toBe(openAtMs);
    }
  });

  it('is open again at its first answer, and begins with a short pause the next time', () => {
    const target = new Reachability(32);
    for (let i = 0; i < 10; i++) target.unanswered(i, i, 0.999);
    target.answered(2000, 0, false);
    expect(target.slots).toBeGreaterThan(1);
    expect(target.openAtMs).toBe(NEVER);
    target.unanswered(2900, 3000, 0.999);
    expect(target.openAtMs).toBeLessThan(3050);
  });

  it('is away once, however many requests were under way', () => {
    const target = new Reachability(32);
    for (let i = 0; i < 32; i++) target.unanswered(1000 + i, 5000 + i, 0.999);
    expect(target.openAtMs).toBeLessThan(5050);
    target.unanswered(5040, 9000, 0.999);
    expect(target.openAtMs).toBeGreaterThan(9050);
  });

  it('is not away while it answers others', () => {
    const target = new Reachability(8);
    for (let i = 0; i < 20; i++) target.answered(1000 + i, 1, false);
    target.unanswered(1010, 6000, 0.999);
    expect([target.slots, target.openAtMs]).toEqual([8, NEVER]);
    target.unanswered(1019, 6000, 0.999);
    expect([target.slots, target.openAtMs > 6000]).toEqual([1, true]);
  });

  it('owes no answer any more when nothing is left that could be answered', () => {
    const target = new Reachability(32);
    target.asked(1000);
    target.unanswered(1000, 2000, 0);
    target.idle();
    target.asked(60_000);
    expect(target.unansweredSinceMs).toBe(60_000);
  });
});
