import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Checkpoint, parseCheckpoint } from '../../src/run/checkpoint/checkpoint.js';
import { folder, kload, ledgerOf, readReport, startEmulator, startKload } from '../support/kload.js';
import { randomFrom } from '../support/random.js';
import { readStream, type StoredRecord } from '../support/stream.js';

/** Set these to 20 and 200000 for a test of some hours. */
const KILLS = Number(process.env.KLOAD_RESUME_KILLS ?? 3);
const RECORDS = Number(process.env.KLOAD_RESUME_RECORDS ?? KILLS * 4_000);
const SEED = Number(process.env.KLOAD_RESUME_SEED ?? 1);

/** With the latency, requests of a killed leg may be handled while the next leg is running. */
const FAULTS = [
  'provisioned-throughput-exception:percentage=10',
  'provisioned-throughput-exception:percentage=5,per=request',
  'lose-answer:operation=PutRecords,percentage=5',
  'reset-connection:operation=PutRecords,percentage=5',
  'latency:operation=PutRecords,percentage=5,delay=0ms..1500ms',
];

interface Variant {
  readonly ordered: boolean;
  readonly faults: readonly string[];
  readonly shards: number;
  readonly limits: string;
}

const VARIANTS: Readonly<Record<string, Variant>> = {
  'while a shard throttles': { ordered: false, faults: [], shards: 4, limits: '4x' },
  'in the order of its keys': { ordered: true, faults: [], shards: 4, limits: '4x' },
  'with faults': { ordered: false, faults: FAULTS, shards: 20, limits: 'off' },
  'in the order of its keys, with faults': { ordered: true, faults: FAULTS, shards: 20, limits: 'off' },
};
const USUAL = ['while a shard throttles', 'in the order of its keys, with faults'];
const CHOSEN = process.env.KLOAD_RESUME_VARIANTS?.split(';') ?? USUAL;

/**
 * Half of the records have the same key. Its shard throttles and the others do not, so records settle far out of order.
 * With --ordered, only one record of a key goes at a time: there, every tenth record has one of 100 keys, so that some
 * of these are always in flight.
 */
function keyOf(n: number, ordered: boolean, random: () => number): string {
  if (!ordered) return n % 2 === 0 ? 'hot' : `k${n % 977}`;
  return n % 10 === 0 ? `warm ${(n / 10) % 100}` : `k${Math.floor(random() * (RECORDS / 5))}`;
}

const checkpointIn = (file: string): Checkpoint =>
  parseCheckpoint(readFileSync(file, 'utf8')) ?? expect.fail(`${file} holds no checkpoint`);

/** Whether a leg that was killed may have sent the record after this checkpoint. */
function isAtRisk({ next, unsettled }: Checkpoint, n: number): boolean {
  if (n >= next) return true;
  for (const [from, to] of unsettled.ranges()) if (n >= from && n < to) return true;
  return false;
}

/**
 * Starts a run, kills it at a random moment, and resumes it, KILLS times. Then lets it end. Returns the
 * checkpoints that the killed legs left.
 */
async function killAgainAndAgain(args: readonly string[], file: string, random: () => number): Promise<Checkpoint[]> {
  const killed: Checkpoint[] = [];
  while (killed.length < KILLS) {
    await using run = startKload(args);
    // One in four is killed while it starts or skips settled records, the others while they send.
    if (random() < 0.75) await Promise.race([run.printed(/sent [1-9]/), run.ended]);
    await delay(random() * 1_000);
    run.child.kill('SIGKILL');
    const { code, stderr } = await run.ended;
    // It ended before the kill.
    if (code !== null) {
      expect(code, stderr).toBe(0);
      return killed;
    }
    // Killed before the first checkpoint: nothing was sent.
    if (!existsSync(file)) continue;
    const before = killed.at(-1);
    const after = checkpointIn(file);
    // Killed before it read the file: it printed nothing and left the file unchanged.
    if (before !== undefined && after.legs === before.legs) continue;
    const bound = before === undefined ? 0 : before.atRisk + before.dispatched;
    if (bound > 0) expect(stderr).toContain(`at most ${bound.toLocaleString('en-US')} may be sent twice`);
    killed.push(after);
  }
  const { code, stderr } = await kload(args);
  expect(code, stderr).toBe(0);
  return killed;
}

/**
 * Checks the data of each stored record and the order of its key. Returns how often each record is stored, by number.
 */
function countsOf(stored: readonly StoredRecord[], rows: readonly string[], ordered: boolean): number[] {
  const counts = rows.map(() => 0);
  const reached = new Map<string, number>();
  for (const { key, data } of stored) {
    const text = data.toString();
    const { n, key: itsKey } = JSON.parse(text) as { n: number; key: string };
    if (rows[n] !== text || itsKey !== key) throw new Error(`${n} is not what was sent: ${key}, ${text}`);
    if (counts[n]!++ > 0) continue;
    const before = reached.get(key) ?? -1;
    if (ordered && n < before) throw new Error(`${n} of ${key} came behind ${before}`);
    reached.set(key, n);
  }
  return counts;
}

it.each(CHOSEN)(
  'a run that is killed and resumed %s loses nothing, and duplicates no more than it reports',
  { tags: 'long', timeout: 60_000 + KILLS * 60_000 },
  async (name) => {
    const { ordered, faults, shards, limits } = VARIANTS[name]!;
    using dir = folder();
    const [input, file] = [dir.path('in.ndjson'), dir.path('run.ckpt')];
    const random = randomFrom(SEED);
    const rows = Array.from({ length: RECORDS }, (_, n) => JSON.stringify({ n, key: keyOf(n, ordered, random) }));
    writeFileSync(input, `${rows.join('\n')}\n`);
    await using emulator = await startEmulator(
      ...['--stream', `s:${shards}`, '--limits', limits, '--log-level', 'off', '--max-memory', '2GiB'],
      ...faults.flatMap((fault) => ['--fault', fault]),
    );
    const args = [
      ...['run', input, '--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint],
      ...['--partition-key-field', 'key', '--rps', '4000', '--workers', '3', ...(ordered ? ['--ordered'] : [])],
      ...['--checkpoint', file, '--checkpoint-interval', '300ms', '--resume', '--report', dir.path('r.json')],
    ];
    const killed = await killAgainAndAgain(args, file, random);
    expect(killed.length).toBeGreaterThan(0);
    const atRisk = killed.reduce((sum, one) => sum + one.atRisk + one.dispatched, 0);
    expect(atRisk).toBeGreaterThan(0);
    const { resumed, ...report } = readReport(dir.path('r.json'));
    const { sent, maybeDuplicated } = ledgerOf(readReport(dir.path('r.json')));
    expect(report.checkpoint).toEqual({ file, finished: true });
    expect(resumed).toMatchObject({ legs: killed.length, maybeDuplicated: atRisk });
    expect(resumed!.earlier).toMatchObject({ failed: 0, rejected: 0, inDoubt: 0 });
    expect(resumed!.earlier.sent + sent).toBe(RECORDS);
    expect(resumed!.skipped + sent).toBe(RECORDS);

    await fetch(`${emulator.endpoint}/_kload/faults`, { method: 'DELETE' });
    const counts = countsOf(await readStream(emulator.endpoint, 's'), rows, ordered);
    expect(counts.filter((count) => count === 0)).toEqual([]);
    const retried = resumed!.earlier.maybeDuplicated + maybeDuplicated;
    const doubled = [...counts.keys()].filter((n) => counts[n]! > 1);
    expect(doubled.length).toBeLessThanOrEqual(atRisk + retried);
    // Only records at risk are sent again, except after lost responses: records that were acknowledged before a
    // checkpoint are not.
    const timesAtRisk = (n: number) => killed.filter((one) => isAtRisk(one, n)).length;
    expect(doubled.filter((n) => timesAtRisk(n) === 0).length).toBeLessThanOrEqual(retried);
    if (faults.length === 0) {
      expect(retried).toBe(0);
      expect(doubled.filter((n) => counts[n]! - 1 > timesAtRisk(n))).toEqual([]);
    }
    console.info(
      `${name}: ${killed.length} kills, seed ${SEED}: ${RECORDS} records, ${doubled.length} ` +
        `duplicated, at most ${atRisk} by kills and ${retried} by retries`,
    );
  },
);
