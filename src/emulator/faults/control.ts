import { FaultError } from './fault-error.js';
import { type Faults, isActive, type SetFault } from './faults.js';
import { faultOfJson, parseFault } from './parse-fault.js';

export const FAULTS_PATH = '/_kload/faults';

export interface ControlRequest {
  readonly method: string;
  /** Without a query: FAULTS_PATH, or a fault's id behind it. */
  readonly path: string;
  readonly body: string;
}

export interface ControlAnswer {
  readonly status: number;
  /** To be written as JSON. */
  readonly body: unknown;
}

/**
 * The faults, to look at and to change while the emulator runs: GET lists them, POST sets one (the text of --fault, or
 * JSON), DELETE takes one away, or all.
 */
export function controlFaults(
  faults: Faults,
  { method, path, body }: ControlRequest,
  operations: readonly string[],
  now: number,
): ControlAnswer {
  const id = path.slice(FAULTS_PATH.length + 1);
  if (method === 'GET' && id === '') return { status: 200, body: list(faults, now) };
  if (method === 'POST' && id === '') return set(faults, body.trim(), operations, now);
  if (method === 'DELETE' && id === '') return { status: 200, body: { removed: faults.clear() } };
  if (id !== '' && (method === 'GET' || method === 'DELETE')) {
    const found = faults.all.find((one) => one.id === id);
    if (found === undefined) return { status: 404, body: { message: `there is no fault ${id}` } };
    if (method === 'DELETE') faults.remove(id);
    return { status: 200, body: describe(found, now) };
  }
  return { status: 405, body: { message: `${method} is not for ${path}: GET, POST (without an id) and DELETE are` } };
}

function set(faults: Faults, body: string, operations: readonly string[], now: number): ControlAnswer {
  try {
    const fault = body.startsWith('{') ? faultOfJson(readObject(body), operations) : parseFault(body, operations);
    return { status: 201, body: describe(faults.set(fault, now), now) };
  } catch (error) {
    if (error instanceof FaultError) return { status: 400, body: { message: error.message } };
    throw error;
  }
}

function readObject(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new FaultError('the body begins as JSON and is none');
  }
}

function list(faults: Faults, now: number): unknown {
  return { seed: faults.seed, faults: faults.all.map((one) => describe(one, now)) };
}

function describe(one: SetFault, now: number): unknown {
  const { id, fault, considered, hits, setAtMs } = one;
  const isWaiting = now < setAtMs + fault.afterMs;
  const state = isWaiting ? 'waiting' : isActive(one, now) && hits < fault.count ? 'active' : 'over';
  return { id, fault: fault.text, action: fault.action.fisIds[0] ?? fault.action.name, state, considered, hits };
}
