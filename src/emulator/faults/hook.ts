import type { Accounts } from '../store/accounts.js';
import type { Hooks, InjectedFault } from '../wire/hooks.js';
import type { Faults, RequestFaults } from './faults.js';
import { RequestTarget } from './request-target.js';

/** The hook that applies faults to requests. Delays pass in real time, whatever the emulator's clock says. */
export function faultHook(faults: Faults, accounts: Accounts, now: () => number): NonNullable<Hooks['fault']> {
  return (exchange) => {
    if (faults.isEmpty) return undefined;
    const atMs = Math.floor(now());
    // Decided before the delay, so that delays do not change the order in which requests draw.
    const decided = faults.decide(new RequestTarget(exchange, accounts, atMs), atMs);
    if (decided.delayMs === 0) return injectedFault(decided);
    return new Promise<void>((resolve) => {
      // The server keeps the process alive; a delayed request does not have to.
      setTimeout(resolve, decided.delayMs).unref();
    }).then(() => injectedFault(decided));
  };
}

/** Throws the ServiceError if a fault refuses the request. */
function injectedFault({ end, records, stored }: RequestFaults): InjectedFault | undefined {
  if (end instanceof Error) throw end;
  if (end === 'lose-response') return { severed: { sever: 'close', when: 'after' }, records, stored };
  if (end !== undefined) return { severed: { sever: end, when: 'before' } };
  return records === undefined && stored === undefined ? undefined : { records, stored };
}
