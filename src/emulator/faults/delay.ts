import { type Random, standardNormal } from './random.js';

/** The distribution that the delay of each request is drawn from, milliseconds. */
export type Delay =
  | { readonly kind: 'uniform'; readonly fromMs: number; readonly toMs: number }
  | { readonly kind: 'normal'; readonly meanMs: number; readonly sdMs: number }
  | { readonly kind: 'exponential'; readonly meanMs: number }
  | { readonly kind: 'log-normal'; readonly p50Ms: number; readonly p99Ms: number };

/** The longest delay. Clients give up long before, and the tail of a distribution is not bounded. */
export const DELAY_MS_MAX = 600_000;

/** The 99th percentile of the standard normal distribution. */
const Z_P99 = 2.3263478740408408;

/** Draws a delay: 0 to DELAY_MS_MAX. */
export function drawDelayMs(delay: Delay, random: Random): number {
  return Math.min(DELAY_MS_MAX, Math.max(0, draw(delay, random)));
}

function draw(delay: Delay, random: Random): number {
  switch (delay.kind) {
    case 'uniform':
      return delay.fromMs + (delay.toMs - delay.fromMs) * random();
    case 'normal':
      return delay.meanMs + delay.sdMs * standardNormal(random);
    case 'exponential':
      return -delay.meanMs * Math.log(1 - random());
    case 'log-normal': {
      const sigma = Math.log(delay.p99Ms / delay.p50Ms) / Z_P99;
      return delay.p50Ms * Math.exp(sigma * standardNormal(random));
    }
  }
}
