import { DELAY_MS_MAX, type Delay } from './delay.js';
import type { FaultAction } from './fault-action.js';
import { FaultError } from './fault-error.js';
import { parseTime } from './time-text.js';

/** What a fault was given, by name. */
export type Parameters = ReadonlyMap<string, string>;

export const DELAY_PARAMETERS: readonly string[] = ['delay', 'mean', 'sd', 'p50', 'p99'];

/** The delay of latency; other faults have none. Throws a FaultError. */
export function readDelay(action: FaultAction, parameters: Parameters): Delay | undefined {
  const given = DELAY_PARAMETERS.filter((name) => parameters.has(name));
  if (action.effect.kind !== 'delay') {
    if (given.length > 0) throw new FaultError(`${action.name} takes no '${given[0]}': only latency does`);
    return undefined;
  }
  switch (given.join(',')) {
    case 'delay':
      return evenDelay(parameters.get('delay') ?? '');
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
      throw new FaultError("'p50' of latency must be above 0, and 'p99' not below it");
    }
    default:
      throw new FaultError(
        'latency takes delay=200ms, delay=50ms..300ms, mean=100ms, mean=100ms,sd=20ms or p50=20ms,p99=500ms',
      );
  }
}

function evenDelay(text: string): Delay {
  const [from = '', to = from] = text.split('..');
  const fromMs = boundedDelay('delay', from);
  const toMs = boundedDelay('delay', to);
  if (toMs < fromMs) throw new FaultError(`'delay' ends before it begins: '${text}'`);
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

/** Milliseconds. Throws a FaultError. */
export function timeOf(name: string, text: string): number {
  const ms = parseTime(text);
  if (ms === undefined) throw new FaultError(`'${name}' takes a time with its unit (200ms, 1m30s), not '${text}'`);
  return ms;
}
