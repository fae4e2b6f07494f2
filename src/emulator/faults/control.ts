import type { Reply } from '../wire/exchange.js';
import { jsonReply, type Routes } from '../wire/routes.js';
import { FaultError } from './fault-action.js';
import { type Faults, isActive, type SetFault } from './faults.js';
import { faultOfJson, parseFault } from './parse-fault.js';

const PATH = '/_kload/faults';
const TEXT_BYTES_MAX = 16_384;

/**
 * Routes that list and change the faults while the emulator runs: GET lists them, POST sets one (the text of --fault,
 * or JSON), DELETE removes one or all.
 */
export function addFaultRoutes(routes: Routes, faults: Faults, operations: readonly string[], now: () => number): void {
  routes.add('GET', PATH, () => {
    const all = faults.all.map((one) => describe(one, now()));
    return jsonReply(200, { seed: faults.seed, faults: all });
  });
  routes.add('POST', PATH, ({ body }) => {
    if (body.length > TEXT_BYTES_MAX) return jsonReply(413, { error: `a fault takes at most ${TEXT_BYTES_MAX} bytes` });
    return set(faults, body.toString().trim(), operations, now());
  });
  routes.add('DELETE', PATH, () => jsonReply(200, { removed: faults.clear() }));
  for (const method of ['GET', 'DELETE']) {
    routes.add(method, `${PATH}/*`, ({ url }) => {
      const id = /[^/?]*(?=\?|$)/.exec(url.slice(PATH.length + 1))?.[0] ?? '';
      const found = faults.all.find((one) => one.id === id);
      if (found === undefined) return jsonReply(404, { error: `there is no fault ${id}` });
      if (method === 'DELETE') faults.remove(id);
      return jsonReply(200, describe(found, now()));
    });
  }
}

function set(faults: Faults, body: string, operations: readonly string[], now: number): Reply {
  try {
    const fault = body.startsWith('{') ? faultOfJson(readObject(body), operations) : parseFault(body, operations);
    return jsonReply(201, describe(faults.set(fault, now), now));
  } catch (error) {
    if (error instanceof FaultError) return jsonReply(400, { error: error.message });
    throw error;
  }
}

function readObject(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new FaultError('the body begins with { but is not valid JSON');
  }
}

function describe(one: SetFault, now: number): unknown {
  const { id, fault, considered, hits, setAtMs } = one;
  const isWaiting = now < setAtMs + fault.afterMs;
  const state = isWaiting ? 'waiting' : isActive(one, now) && hits < fault.count ? 'active' : 'over';
  return { id, fault: fault.text, action: fault.action.fisIds[0] ?? fault.action.name, state, considered, hits };
}
