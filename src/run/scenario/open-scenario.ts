import type { ScenarioPlan } from '../../config/scenario-plan.js';
import { KloadError } from '../../core/errors.js';
import { SenderThreads } from '../feed/sender-threads.js';
import { openRun } from '../open-run.js';
import { RunTime } from '../run-time.js';
import { type OpenLoad, Scenario } from './scenario.js';

/**
 * Opens all loads of a run.
 *
 * @throws KloadError that names the load, if any cannot be opened; nothing was sent then
 */
export async function openScenario(
  plan: ScenarioPlan,
  onWait: (text: string) => void,
  signal?: AbortSignal,
): Promise<Scenario> {
  const { workers, maxTimeMs } = plan.common;
  const time = new RunTime(maxTimeMs, signal);
  const threads = new SenderThreads(workers, plan.loads.length);
  const scenario = new Scenario(plan);
  const open: OpenLoad[] = [];
  try {
    for (const [i, { name, plan: load }] of plan.loads.entries()) {
      const shared = { threads, links: scenario.linksOf(i), time };
      const run = await openRun(load, (text) => onWait(`load '${name}': ${text}`), { signal, load: shared }).catch(
        (error: unknown) => {
          throw ofLoad(error, name);
        },
      );
      open.push({ name, run });
    }
  } catch (error) {
    for (const { run } of open) await run.close();
    await threads.destroy();
    throw error;
  }
  scenario.setLoads(open);
  return scenario;
}

/** The error, with the load that it is about. */
export function ofLoad(error: unknown, name: string): unknown {
  return error instanceof KloadError
    ? new KloadError(error.exit, `load '${name}': ${error.message}`, error.hint)
    : error;
}
