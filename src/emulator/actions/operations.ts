import { LIMITS, type Limit } from '../limits/limit-table.js';
import { callSubject } from './call-subject.js';
import * as ACTIONS from './index.js';
import type { Operation, ReadInput } from './operation.js';

/** The operations whose calls are limited. All of them read their requests by shape. */
const LIMITED = new Set(Object.values<Limit>(LIMITS).map(({ calls }) => calls?.operation));

/** The operations by their names on the wire. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries(ACTIONS).map(([name, action]) => [name, LIMITED.has(name) ? withinCallRate(name, action) : action]),
);

/** The operation, refused when it is called too often. Calls are counted once the request is read: it names the stream. */
function withinCallRate(name: string, action: Operation): Operation {
  return {
    ...action,
    run: (read, call) => {
      const readAndCount: ReadInput = (shape, quick) => {
        const input = read(shape, quick);
        call.accounts.callRates.admit(name, () => callSubject(input, call), call.now);
        return input;
      };
      return action.run(readAndCount, call);
    },
  };
}
