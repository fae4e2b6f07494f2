import type { FaultAction } from './fault-action.js';
import { FaultError } from './fault-action.js';
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

const UNITS = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;
const ISO_8601 = /^PT(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?$/;

/** The parameters of a fault, by name. */
export type Parameters = ReadonlyMap<string, string>;

export const DELAY_PARAMETERS: readonly string[] = ['delay', 'mean', 'sd', 'p50', 'p99'];

/** Reads the delay of the fault `latency`; undefined for other faults. Throws a FaultError. */
export function readDelay(action: FaultAction, parameters: Parameters): Delay | undefined {
  const given = DELAY_PARAMETERS.filter((name) => parameters.has(name));
  if (action.effect.kind !== 'delay') {
    if (given.length > 0) throw new FaultError(`${action.name} takes no '${given[0]}': only latency does`);
    return undefined;
  }
  switch (given.join(',')) {
    case 'delay':
      return uniformDelay(parameters.get('delay') ?? '');
    case 'mean':
      return { kind: 'exponential', meanMs: delayMs(parameters, 'mean') };
    case 'mean,sd':
      return { kind: 'normal', meanMs: delayMs(parameters, 'mean'), sdMs: delayMs(parameters, 'sd') };
    case 'p50,p99': {
      const delay = {
        kind: 'log-normal',
        p50Ms: delayMs(parameters, 'p50'),
        p99Ms: delayMs(parameters, 'p99'),
      } as const;
      if (delay.p50Ms > 0 && delay.p99Ms >= delay.p50Ms) return delay;
      throw new FaultError("'p50' of latency must be above 0, and 'p99' must not be below it");
    }
    default:
      throw new FaultError(
        'latency takes delay=200ms, delay=50ms..300ms, mean=100ms, mean=100ms,sd=20ms or p50=20ms,p99=500ms',
      );
  }
}

function uniformDelay(text: string): Delay {
  const [from = '', to = from] = text.split('..');
  const fromMs = boundedDelay('delay', from);
  const toMs = boundedDelay('delay', to);
  if (toMs < fromMs) throw new FaultError(`the range of 'delay' ends below its start: '${text}'`);
  return { kind: 'uniform', fromMs, toMs };
}

function delayMs(parameters: Parameters, name: string): number {
  return boundedDelay(name, parameters.get(name) ?? '');
}

function boundedDelay(name: string, text: string): number {
  const ms = timeOf(name, text);
  if (ms > DELAY_MS_MAX) throw new FaultError(`'${name}' takes at most ${DELAY_MS_MAX / 60_000}m, not '${text}'`);
  return ms;
}

/** Reads a time, in milliseconds. Throws a FaultError. */
export function timeOf(name: string, text: string): number {
  const ms = parseTime(text);
  if (ms === undefined) throw new FaultError(`'${name}' takes a time with its unit (200ms, 1m30s), not '${text}'`);
  return ms;
}

/** '200ms', '1m30s', '0', or in the form of AWS FIS: 'PT5M'. Milliseconds; undefined if the text is not a time. */
export function parseTime(text: string): number | undefined {
  if (text === '0') return 0;
  const [whole = '', hours = '0', minutes = '0', seconds = '0', ms = '0'] =
    UNITS.exec(text) ?? ISO_8601.exec(text.toUpperCase()) ?? [];
  if (whole === '' || whole === 'PT') return undefined;
  return Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000 + Number(ms);
}
