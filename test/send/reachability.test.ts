import { describe, expect, it } from 'vitest';
import { Reachability } from '../../src/send/reachability.js';

const NEVER = Number.NEGATIVE_INFINITY;
const NONE = Number.POSITIVE_INFINITY;

describe('a target that responds', () => {
  it('gets one more request in flight with each response, up to the maximum', () => {
    const target = new Reachability(8);
    const slots = [target.slots];
    for (let i = 0; i < 20; i++) {
      target.requested(i);
      target.responded(i, 0, false);
      slots.push(target.slots);
    }
    expect(slots[0]).toBeLessThanOrEqual(2);
    expect(slots).toEqual([...slots].sort((a, b) => a - b));
    expect(target.slots).toBe(8);
    expect(target.openAtMs).toBe(NEVER);
  });

  it('gets no more requests in flight while it throttles', () => {
    const target = new Reachability(8);
    const { slots } = target;
    for (let i = 0; i < 20; i++) target.responded(i, 0, true);
    expect(target.slots).toBe(slots);
  });

  it('gets one request at a time if the maximum is one', () => {
    const target = new Reachability(1);
    expect(target.slots).toBe(1);
    target.responded(10, 0, false);
    expect(target.slots).toBe(1);
  });

  it('is silent since the first request without a response, since its last response, or not at all', () => {
    const target = new Reachability(32);
    expect([target.noResponseSinceMs, target.respondedAtMs]).toEqual([NONE, NEVER]);
    target.requested(100);
    target.requested(110);
    expect(target.noResponseSinceMs).toBe(100);
    target.responded(120, 1, false);
    expect([target.noResponseSinceMs, target.respondedAtMs]).toEqual([120, 120]);
    target.responded(130, 0, true);
    expect([target.noResponseSinceMs, target.respondedAtMs]).toEqual([NONE, 130]);
    target.requested(5000);
    expect(target.noResponseSinceMs).toBe(5000);
  });
});

describe('a target that does not respond', () => {
  it('is tried with one request at a time, after pauses that grow to at most a second', () => {
    const target = new Reachability(32);
    const pauses: number[] = [];
    for (let i = 0; i < 12; i++) {
      target.requested(i * 1000);
      target.noResponse(i * 1000, i * 1000, 0.999);
      expect(target.slots).toBe(1);
      pauses.push(target.openAtMs - i * 1000);
    }
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses[0]).toBeLessThanOrEqual(50);
    expect(pauses.at(-1)).toBe(1000);
    expect(target.noResponseSinceMs).toBe(0);
  });

  it('is tried again after a pause with jitter', () => {
    for (const [random, openAtMs] of [
      [0, 1000],
      [0.5, 1025],
    ] as const) {
      const target = new Reachability(32);
      target.noResponse(900, 1000, random);
      expect(target.openAtMs).toBe(openAtMs);
    }
  });

  it('is open again after its first response, and the next outage begins with a short pause', () => {
    const target = new Reachability(32);
    for (let i = 0; i < 10; i++) target.noResponse(i, i, 0.999);
    target.responded(2000, 0, false);
    expect(target.slots).toBeGreaterThan(1);
    expect(target.openAtMs).toBe(NEVER);
    target.noResponse(2900, 3000, 0.999);
    expect(target.openAtMs).toBeLessThan(3050);
  });

  it('goes away once, however many requests were in flight', () => {
    const target = new Reachability(32);
    for (let i = 0; i < 32; i++) target.noResponse(1000 + i, 5000 + i, 0.999);
    expect(target.openAtMs).toBeLessThan(5050);
    target.noResponse(5040, 9000, 0.999);
    expect(target.openAtMs).toBeGreaterThan(9050);
  });

  it('is not away while it responds to other requests', () => {
    const target = new Reachability(8);
    for (let i = 0; i < 20; i++) target.responded(1000 + i, 1, false);
    target.noResponse(1010, 6000, 0.999);
    expect([target.slots, target.openAtMs]).toEqual([8, NEVER]);
    target.noResponse(1019, 6000, 0.999);
    expect([target.slots, target.openAtMs > 6000]).toEqual([1, true]);
  });

  it('is not silent when no record is left to send', () => {
    const target = new Reachability(32);
    target.requested(1000);
    target.noResponse(1000, 2000, 0);
    target.idle();
    target.requested(60_000);
    expect(target.noResponseSinceMs).toBe(60_000);
  });
});

it('lets a schedule use all slots at once: the rate limits what is sent', () => {
  expect(new Reachability(32, true).slots).toBe(32);
  expect(new Reachability(32).slots).toBe(2);
});
