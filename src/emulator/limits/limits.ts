import { LIMITS, type Limit, type LimitName } from './limit-table.js';

/** The value of each limit in the table's unit; Infinity if it is off. */
export type Limits = Readonly<Record<LimitName, number>>;

/**
 * Which limits apply. true: the service's; false: only those that bound memory; a number: the service's times this
 * factor; an object: the given values, and the service's for all other limits.
 */
export type LimitsSetting = boolean | number | Readonly<Partial<Record<LimitName, number | 'off'>>>;

const TABLE: ReadonlyMap<string, Limit> = new Map(Object.entries(LIMITS));

/** Throws an Error that names the limit if one is unknown or has an invalid value. */
export function limitsOf(setting: LimitsSetting): Limits {
  if (typeof setting === 'number') {
    if (!isValue(setting)) throw new Error(`limits: ${setting} is not a factor: it must be a number above 0`);
    return valuesOf((limit) => scaled(limit, setting));
  }
  if (typeof setting === 'boolean') {
    return valuesOf((limit) => (setting || limit.keptWhenOff ? limit.default : Number.POSITIVE_INFINITY));
  }
  const given: ReadonlyMap<string, number> = givenValues(setting, 'limits');
  return valuesOf((limit, name) => given.get(name) ?? limit.default);
}

/**
 * Parses a file of limits: a JSON object of names in the table with numbers or "off".
 * Throws an Error that names the file, and the limit, if something is wrong with it.
 * @param source the file's name
 */
export function parseLimits(json: string, source: string): LimitsSetting {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw new Error(`${source}: not valid JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new Error(`${source}: must be a JSON object of limits, such as {"shardsPerAccount": 100}`);
  }
  // Checks all names and values.
  givenValues(parsed, source);
  return parsed as LimitsSetting;
}

function givenValues(setting: object, source: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const [name, value] of Object.entries(setting) as [string, unknown][]) {
    if (!TABLE.has(name)) {
      throw new Error(`${source}: unknown limit '${name}'; the limits are ${[...TABLE.keys()].join(', ')}`);
    }
    if (value === undefined) continue;
    if (value !== 'off' && !isValue(value)) {
      throw new Error(`${source}: ${name} must be a number above 0 or "off", not ${JSON.stringify(value)}`);
    }
    values.set(name, value === 'off' ? Number.POSITIVE_INFINITY : value);
  }
  return values;
}

function scaled({ default: value, least }: Limit, factor: number): number {
  return least === undefined ? value * factor : Math.max(least, Math.floor(value * factor));
}

function isValue(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

function valuesOf(choose: (limit: Limit, name: string) => number): Limits {
  return Object.fromEntries([...TABLE].map(([name, limit]) => [name, choose(limit, name)])) as Limits;
}
