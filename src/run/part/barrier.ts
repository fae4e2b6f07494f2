import type { PartPlan } from '../../config/part-plan.js';
import { waitAtFolder } from './barrier-dir.js';
import { joinLobby, Lobby } from './barrier-tcp.js';
import { type Barrier, ONLY } from './meeting.js';

/**
 * Waits until all parts of a run are ready. Part 1 names the moment at which they begin together.
 *
 * @param runId the same for all parts of a run, and another one for other runs
 * @param signal ends the wait, which then rejects with its reason
 * @param onNotice called with what a user should know, in a sentence
 * @throws KloadError `target` if a part is missing, `usage` if this part belongs to another run
 */
export async function waitAtBarrier(
  part: PartPlan,
  runId: string,
  signal: AbortSignal,
  onNotice: (text: string) => void,
): Promise<Barrier> {
  const { barrier } = part;
  if (barrier === undefined || part.of === 1) return ONLY;
  const meeting = { part, runId, signal, onNotice };
  if (barrier.kind === 'dir') return waitAtFolder(barrier, meeting);
  return part.number === 1 ? Lobby.open(barrier, meeting) : joinLobby(barrier, meeting);
}
