import { parseArn } from '../protocol/arn.js';
import { STREAM_ARN, STREAM_NAME } from '../protocol/shapes.js';
import { isValid } from '../protocol/validation.js';
import { shardIdOf, shardIndexOf } from '../store/shard.js';
import { DELAY_PARAMETERS, type Parameters, readDelay, timeOf } from './delay.js';
import type { Fault } from './fault.js';
import { FAULT_ACTIONS, type FaultAction, FaultError } from './fault-action.js';

const PARAMETERS = [
  'operation',
  'stream',
  'shard',
  'account',
  'region',
  'percentage',
  'count',
  'after',
  'duration',
  'per',
  ...DELAY_PARAMETERS,
];

/** Other names for parameters, from AWS FIS. */
const OTHER_NAMES: Readonly<Record<string, string>> = { operations: 'operation', streamArn: 'stream' };

/**
 * Reads 'name:key=value,key=value'. A part without '=' is a further operation of the list before it. Throws a
 * FaultError.
 * @param operations the names of all operations
 */
export function parseFault(text: string, operations: readonly string[]): Fault {
  // Names of AWS FIS and ARNs contain colons: the first parameter begins at the last colon before the first '='.
  const firstValue = text.indexOf('=');
  const colon = firstValue < 0 ? -1 : text.lastIndexOf(':', firstValue);
  if (firstValue >= 0 && colon < 0) throw new FaultError(`a fault is name:key=value,…, not '${text}'`);
  const name = colon < 0 ? text.replace(/:$/, '') : text.slice(0, colon);
  const parameters = new Map<string, string>();
  let last = '';
  for (const part of colon < 0 ? [] : text.slice(colon + 1).split(',')) {
    const [, key, value = ''] = /^\s*([a-zA-Z0-9]+)\s*=(.*)$/s.exec(part) ?? [];
    if (key === undefined) {
      if (last !== 'operation') throw new FaultError(`'${part}' is not key=value, in the fault '${text}'`);
      parameters.set(last, `${parameters.get(last)},${part.trim()}`);
    } else {
      last = addParameter(parameters, key, value.trim());
    }
  }
  return faultOf(name.trim(), parameters, operations);
}

/** Reads { "action": name, key: value, … }, where a value may be a number or a list. Throws a FaultError. */
export function faultOfJson(value: unknown, operations: readonly string[]): Fault {
  if (typeof value === 'string') return parseFault(value, operations);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FaultError('a fault is a text or an object with an "action"');
  }
  const { action, ...rest } = value as Record<string, unknown>;
  if (typeof action !== 'string') throw new FaultError('the fault has no "action", which is the name of the fault');
  const parameters = new Map<string, string>();
  for (const [key, given] of Object.entries(rest)) {
    const values: unknown[] = Array.isArray(given) ? given : [given];
    if (!values.every((one) => typeof one === 'string' || typeof one === 'number')) {
      throw new FaultError(`"${key}" takes a text, a number or a list of texts`);
    }
    addParameter(parameters, key, values.join(','));
  }
  return faultOf(action, parameters, operations);
}

/** Adds a parameter and returns its usual name. */
function addParameter(parameters: Map<string, string>, key: string, value: string): string {
  const name = OTHER_NAMES[key] ?? key;
  if (!PARAMETERS.includes(name)) {
    throw new FaultError(`unknown parameter '${key}'; a fault may have ${PARAMETERS.join(', ')}`);
  }
  if (parameters.has(name)) throw new FaultError(`the fault has '${name}' twice`);
  if (value === '') throw new FaultError(`'${name}' of the fault is empty`);
  parameters.set(name, value);
  return name;
}

function faultOf(name: string, parameters: Parameters, operations: readonly string[]): Fault {
  const action = actionOf(name);
  return {
    text: textOf(action, parameters),
    action,
    operations: readOperations(action, parameters.get('operation'), operations),
    ...readStream(parameters),
    shard: readShard(parameters.get('shard')),
    percentage: readNumber(parameters, 'percentage', 100, (n) => n > 0 && n <= 100, 'a number above 0, up to 100'),
    count: readNumber(
      parameters,
      'count',
      Number.POSITIVE_INFINITY,
      (n) => n >= 1 && n % 1 === 0,
      'a whole number of at least 1',
    ),
    afterMs: readTime(parameters, 'after') ?? 0,
    durationMs: readTime(parameters, 'duration') ?? Number.POSITIVE_INFINITY,
    perRecord: readPer(action, parameters.get('per')),
    delay: readDelay(action, parameters),
  };
}

/** Finds a fault by its name, its former name, or an id of AWS FIS with or without the namespace. */
function actionOf(name: string): FaultAction {
  const found = FAULT_ACTIONS.find(
    (action) =>
      action.name === name ||
      action.formerName === name ||
      action.fisIds.some((id) => id === name || id.endsWith(`:${name}`)),
  );
  if (found !== undefined) return found;
  const names = FAULT_ACTIONS.map((action) => action.name).join(', ');
  throw new FaultError(`there is no fault '${name}'; the faults are ${names}`);
}

function textOf(action: FaultAction, parameters: Parameters): string {
  const parts = [...parameters].map(([key, value]) => `${key}=${value}`);
  return parts.length === 0 ? action.name : `${action.name}:${parts.join(',')}`;
}

function readOperations(
  action: FaultAction,
  text: string | undefined,
  known: readonly string[],
): ReadonlySet<string> | undefined {
  if (text === undefined) return action.operations && new Set(action.operations);
  const possible = action.operations ?? known;
  const names = text.split(',').map((given) => {
    const name = possible.find((one) => one.toLowerCase() === given.trim().toLowerCase());
    if (name !== undefined) return name;
    throw new FaultError(`${action.name} cannot hit the operation '${given.trim()}', only ${possible.join(', ')}`);
  });
  return new Set(names);
}

/** Reads the stream's name or ARN. An ARN also sets account and region. */
function readStream(parameters: Parameters): Pick<Fault, 'stream' | 'account' | 'region'> {
  const text = parameters.get('stream');
  const account = parameters.get('account');
  const region = parameters.get('region');
  if (account !== undefined && !/^\d{12}$/.test(account)) {
    throw new FaultError(`'account' takes twelve digits, not '${account}'`);
  }
  if (text === undefined) return { stream: undefined, account, region };
  const arn = isValid(STREAM_ARN, text) ? parseArn(text) : undefined;
  const stream = arn?.streamName ?? text;
  if (!isValid(STREAM_NAME, stream)) {
    throw new FaultError(`'stream' takes a stream's name or ARN, not '${text}'`);
  }
  return { stream, account: arn?.account ?? account, region: arn?.region ?? region };
}

function readShard(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const index = shardIndexOf(text);
  if (index === undefined)
    throw new FaultError(`'shard' takes an id such as shardId-000000000003, or 3, not '${text}'`);
  return shardIdOf(index);
}

function readNumber(
  parameters: Parameters,
  name: string,
  defaultValue: number,
  isAllowed: (n: number) => boolean,
  allowed: string,
): number {
  const text = parameters.get(name);
  if (text === undefined) return defaultValue;
  const n = /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!isAllowed(n)) throw new FaultError(`'${name}' takes ${allowed}, not '${text}'`);
  return n;
}

function readTime(parameters: Parameters, name: string): number | undefined {
  const text = parameters.get(name);
  return text === undefined ? undefined : timeOf(name, text);
}

function readPer(action: FaultAction, text: string | undefined): boolean {
  if (text === undefined) return action.record?.isDefault ?? false;
  if (action.record === undefined) throw new FaultError(`${action.name} always hits whole requests: it takes no 'per'`);
  if (text !== 'record' && text !== 'request') throw new FaultError(`'per' takes record or request, not '${text}'`);
  return text === 'record';
}
