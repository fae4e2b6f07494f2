import type { Accounts } from '../store/accounts.js';
import type { Fate, Hooks } from '../wire/hooks.js';
import type { Faults, RequestFaults } from './faults.js';
import { RequestTarget } from './request-target.js';

/** Lets faults happen to requests. Delays pass in real time, whatever the emulator's clock says. */
export function faultHook(faults: Faults, accounts: Accounts, now: () => number): NonNullable<Hooks['fault']> {
  return (exchange) => {
    if (faults.none) return undefined;
    const atMs = Math.floor(now());
    // Decided at once, so that delays do not change the order in which requests meet the faults.
    const decided = faults.decide(new RequestTarget(exchange, accounts, atMs), atMs);
    if (decided.delayMs === 0) return fateOf(decided);
    return new Promise<void>((resolve) => {
      // A request that waits does not keep a process alive: the server does.
      setTimeout(resolve, decided.delayMs).unref();
    }).then(() => fateOf(decided));
  };
}

/** Throws the ServiceError that a request is to be refused with. */
function fateOf({ end, records }: RequestFaults): Fate | undefined {
  if (end instanceof Error) throw end;
  if (end === 'lose-answer') return { severed: { sever: 'close', when: 'after' }, records };
  if (end !== undefined) return { severed: { sever: end, when: 'before' }, records };
  return records && { records };
}
