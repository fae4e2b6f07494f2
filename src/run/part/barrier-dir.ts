import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BarrierPlan } from '../../config/part-plan.js';
import { KloadError, messageOf } from '../../core/errors.js';
import { partName } from '../../core/part.js';
import { nowMs } from '../../system/clock.js';
import { replaceFile } from '../../system/replacement.js';
import { type Barrier, type Meeting, missingError, START_LEAD_MS } from './meeting.js';

type DirPlan = Extract<BarrierPlan, { kind: 'dir' }>;

const POLL_MS = 200;
/** Every part reads the moment in this time, also where a network file system shows new files late. */
const SHARED_LEAD_MS = 4 * START_LEAD_MS;

/** The file of a part. It is written again and again, so that one of a part that is gone stays as it is. */
interface Presence {
  readonly id: string;
  readonly beat: number;
}

/** The file with which part 1 names the moment, to the parts with these ids. */
interface Start {
  readonly ids: readonly string[];
  readonly startAtMs: number;
}

/**
 * Waits until the files of all parts are in a folder, and change. Clocks are not compared: those of the machines should
 * agree.
 *
 * @throws KloadError `target` if a part is missing, `output` if the folder cannot be written
 */
export async function waitAtFolder({ dir, timeoutMs }: DirPlan, meeting: Meeting): Promise<Barrier> {
  const { part, runId, signal } = meeting;
  const fileOf = (number: number) => join(dir, `${runId}.${partName({ ...part, number })}.json`);
  const startFile = join(dir, `${runId}.start.json`);
  const id = randomBytes(8).toString('hex');
  const present = new Present();
  const deadlineMs = nowMs() + timeoutMs;
  const numbers = Array.from({ length: part.of }, (_, i) => i + 1);
  try {
    for (let beat = 0; ; beat++) {
      await writeTo(dir, fileOf(part.number), { id, beat });
      for (const number of numbers) present.look(number, (await read(fileOf(number))) as Presence | undefined);
      const ids = present.ids;
      if (part.number === 1 && ids.length === part.of) {
        const startAtMs = Date.now() + SHARED_LEAD_MS;
        await writeTo(dir, startFile, { ids, startAtMs } satisfies Start);
      }
      const start = (await read(startFile)) as Start | undefined;
      if (start?.ids?.includes(id)) return { startAtMs: start.startAtMs, close: () => {} };
      if (nowMs() >= deadlineMs) throw missingError(present.missing(numbers), part, timeoutMs);
      await sleep(POLL_MS, undefined, { signal });
    }
  } finally {
    await rm(fileOf(part.number), { force: true });
  }
}

/** The parts whose files were seen to change. */
class Present {
  readonly #seen = new Map<number, Presence & { readonly isAlive: boolean }>();

  look(number: number, now: Presence | undefined): void {
    const before = this.#seen.get(number);
    if (now === undefined) this.#seen.delete(number);
    else {
      const isAlive = before !== undefined && before.id === now.id && (before.isAlive || before.beat !== now.beat);
      this.#seen.set(number, { ...now, isAlive });
    }
  }

  get ids(): string[] {
    return [...this.#seen.values()].filter(({ isAlive }) => isAlive).map(({ id }) => id);
  }

  missing(numbers: readonly number[]): number[] {
    return numbers.filter((number) => this.#seen.get(number)?.isAlive !== true);
  }
}

/** undefined: there is no such file, or it is not one of kload. */
async function read(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) ?? undefined;
  } catch {
    return undefined;
  }
}

async function writeTo(dir: string, file: string, what: Presence | Start): Promise<void> {
  try {
    await mkdir(dir, { recursive: true });
    replaceFile(file, JSON.stringify(what));
  } catch (error) {
    throw new KloadError(
      'output',
      `--barrier-dir ${dir} cannot be written: ${messageOf(error)}`,
      'name another folder',
    );
  }
}
