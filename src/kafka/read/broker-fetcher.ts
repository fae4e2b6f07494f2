import { setImmediate as turn } from 'node:timers/promises';
import type { Broker } from '../cluster/cluster.js';
import { BrokerRefusal } from '../errors/broker-error.js';
import { type FetchedPartition, type FetchResponse, fetchRequest, type PartitionFetch } from '../wire/fetch.js';

/** How long a broker without new records waits for some before it responds. */
const WAIT_MS = 500;
/** The wait while the reader of a partition with more records is busy: that partition joins the next request. */
const SHORT_WAIT_MS = 50;
/** The limit for all partitions of a response, unless a single batch is larger. */
const RESPONSE_BYTES_MAX = 16 * 1024 * 1024;

/** One partition's part of a response. */
export interface FetchedBytes extends FetchedPartition {
  /** True if `bytes` is empty although the response was neither full nor throttled: there is nothing to fetch. */
  readonly isAll: boolean;
}

interface Waiting {
  readonly fetch: PartitionFetch;
  readonly resolve: (fetched: FetchedBytes) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Fetches from one broker for all partitions that it leads. The partitions share a connection, on which the broker
 * handles one request after another, so all waiting partitions share a request. Partitions that a response had no room
 * for come first in the next one.
 */
export class BrokerFetcher {
  readonly #topic: string;
  readonly #timeoutMs: number;
  readonly #connect: () => Promise<Broker>;
  /** By partition, in order of arrival. */
  readonly #waiting = new Map<number, Waiting>();
  /** Partitions that have more records and whose readers are still busy with the last ones. */
  readonly #expected = new Set<number>();
  #running = false;

  constructor(topic: string, timeoutMs: number, connect: () => Promise<Broker>) {
    this.#topic = topic;
    this.#timeoutMs = timeoutMs;
    this.#connect = connect;
  }

  /** Resolves with the available bytes, or with none after a wait. Allows one call at a time per partition. */
  fetch(fetch: PartitionFetch, signal: AbortSignal): Promise<FetchedBytes> {
    const { partition } = fetch;
    let abort = () => {};
    const fetched = new Promise<FetchedBytes>((resolve, reject) => {
      abort = () => {
        this.#waiting.delete(partition);
        reject(signal.reason);
      };
      this.#waiting.set(partition, { fetch, resolve, reject });
    });
    signal.addEventListener('abort', abort);
    this.#expected.delete(partition);
    if (!this.#running) void this.#run();
    return fetched.finally(() => signal.removeEventListener('abort', abort));
  }

  /** Tells whether the reader of a partition will soon fetch more. */
  expect(partition: number, hasMore: boolean): void {
    if (hasMore) this.#expected.add(partition);
    else this.#expected.delete(partition);
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.size > 0) {
      // Readers that got their records in the same tick fetch again in the same tick: collect them all.
      await turn();
      const requested = [...this.#waiting.values()];
      try {
        this.#distribute(requested, await this.#send(requested));
      } catch (error) {
        for (const { fetch, reject } of requested) {
          this.#waiting.delete(fetch.partition);
          reject(error);
        }
      }
    }
    this.#running = false;
  }

  async #send(requested: readonly Waiting[]): Promise<FetchResponse> {
    const broker = await this.#connect();
    const partitions = requested.map(({ fetch }) => fetch);
    const waitMs = this.#expected.size > 0 ? SHORT_WAIT_MS : WAIT_MS;
    const options = { waitMs, bytesMax: RESPONSE_BYTES_MAX, timeoutMs: this.#timeoutMs };
    const response = await broker.connectionPool.send(fetchRequest(this.#topic, partitions, options));
    if (response === undefined) throw new Error('a Fetch always has a response');
    if (response.errorCode !== 0) throw new BrokerRefusal(response.errorCode);
    return response;
  }

  /** Resolves each fetch, except those that got nothing only because the response was full or throttled. */
  #distribute(requested: readonly Waiting[], { partitions, clientSideThrottleTime }: FetchResponse): void {
    const byPartition = new Map(partitions.map((fetched) => [fetched.partition, fetched]));
    let hasRoom = clientSideThrottleTime === 0;
    for (const waiting of requested) {
      const { partition, offset } = waiting.fetch;
      const fetched = byPartition.get(partition);
      if (fetched === undefined || this.#waiting.get(partition) !== waiting) continue;
      const isEmpty = fetched.bytes.length === 0;
      const isAtEnd = fetched.stableOffset <= offset;
      if (isEmpty && !isAtEnd && !hasRoom && fetched.errorCode === 0) continue;
      this.#waiting.delete(partition);
      waiting.resolve({ ...fetched, isAll: isEmpty && hasRoom });
      if (!isEmpty) hasRoom = false;
    }
  }
}
