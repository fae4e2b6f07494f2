import { LIMITS, type Limit, type LimitName } from './limit-table.js';

/** The value of each limit, in the table's units; Infinity: it is off. */
export type Limits = Readonly<Record<LimitName, number>>;

/**
 * What limits are to be in force: true, as the service has them; false, none but those that bound memory; a number,
 * each times that; by name, those as given and all others as the service has them.
 */
export type LimitsSetting = boolean | number | Readonly<Partial<Record<LimitName, number | 'off'>>>;

const TABLE: ReadonlyMap<string, Limit> = new Map(Object.entries(LIMITS));

/** Throws an Error that names the limit where one is unknown, or has no value that a limit can have. */
export function limitsOf(setting: LimitsSetting): Limits {
  if (typeof setting === 'number') {
    if (!isValue(setting)) throw new Error(`limits: ${setting} is no factor; it must be a number above 0`);
    return valuesOf((limit) => scaled(limit, setting));
  }
  if (typeof setting === 'boolean') {
    return valuesOf((limit) => (setting || limit.keptWhenOff ? limit.default : Number.POSITIVE_INFINITY));
  }
  const given: ReadonlyMap<string, number> = givenValues(setting, 'limits');
  return valuesOf((limit, name) => given.get(name) ?? limit.default);
}

/**
 * Reads limits as a file holds them: a JSON object from names of the table to numbers, or "off".
 * @param source how errors name it: the file
 * Throws an Error that names the source, and the limit, where something is wrong with it.
 */
export function parseLimits(json: string, source: string): LimitsSetting {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw new Error(`${source}: not valid JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new Error(`${source}: must be a JSON object from the names of limits to numbers`);
  }
  givenValues(parsed, source);
  // Checked just now: its names are of the table, and its values are numbers or 'off'.
  return parsed as LimitsSetting;
}

function givenValues(setting: object, source: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const [name, value] of Object.entries(setting) as [string, unknown][]) {
    if (!TABLE.has(name)) {
      throw new Error(`${source}: there is no limit named '${name}'; there are ${[...TABLE.keys()].join(', ')}`);
    }
    if (value === undefined) continue;
    if (value !== 'off' && !isValue(value)) {
      throw new Error(`${source}: ${name} must be a number above 0, or "off", and not ${JSON.stringify(value)}`);
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
  const values = [...TABLE].map(([name, limit]) => [name, choose(limit, name)]);
  // Its names are those of the table.
  return Object.fromEntries(values) as Limits;
}
