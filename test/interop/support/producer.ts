import { Readable } from 'node:stream';
import { folder, ledgerOf, readReport, startKload } from '../../support/kload.js';

/** A record as the producer numbers it: the n-th of its key. */
export interface Numbered {
  readonly key: string;
  readonly n: number;
}

const KEYS = 40;
/** Large enough that few records wait in pipes when the producer is told to stop. */
const PADDING = 'x'.repeat(500);

/**
 * `kload run` that sends records of forty keys, each key's numbered and in order, at a rate until it is told to stop.
 */
export class Producer implements AsyncDisposable {
  readonly #files = folder();
  readonly #running: ReturnType<typeof startKload>;
  #count = 0;
  #isStopped = false;

  constructor(endpoint: string, stream: string, recordsPerSecond: number, env: NodeJS.ProcessEnv) {
    const report = this.#files.path('report.json');
    const where = ['--endpoint-url', endpoint, '--region', 'us-east-1', '--stream', stream];
    const how = ['--partition-key-field', '.key', '--ordered', '--rps', String(recordsPerSecond), '--quiet'];
    this.#running = startKload(['run', '-', '--format', 'ndjson', ...where, ...how, '--report', report], env);
    this.#running.child.stdin.on('error', () => {});
    Readable.from(this.#lines()).pipe(this.#running.child.stdin);
  }

  /** Resolves when kload has sent what it was given: how many records there are of each key. */
  async stop(): Promise<ReadonlyMap<string, number>> {
    this.#isStopped = true;
    const { code, stderr } = await this.#running.ended;
    if (code !== 0) throw new Error(`kload ended with ${code}:\n${stderr}`);
    const { sent } = ledgerOf(readReport(this.#files.path('report.json')));
    if (sent !== this.#count) throw new Error(`${sent} of ${this.#count} records were sent`);
    const counts = Array.from({ length: KEYS }, (_, key) => [keyOf(key), Math.ceil((sent - key) / KEYS)] as const);
    return new Map(counts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
    this.#files[Symbol.dispose]();
  }

  *#lines(): Generator<string> {
    while (!this.#isStopped) {
      const i = this.#count++;
      yield `${JSON.stringify({ key: keyOf(i % KEYS), n: Math.floor(i / KEYS), PADDING })}\n`;
    }
  }
}

function keyOf(number: number): string {
  return `key-${number}`;
}
