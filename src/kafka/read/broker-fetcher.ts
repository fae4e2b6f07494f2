import { setImmediate as turn } from 'node:timers/promises';
import type { Broker } from '../cluster/cluster.js';
import { BrokerRefusal } from '../errors/broker-error.js';
import { type FetchAnswer, type FetchedPartition, fetchRequest, type PartitionWish } from '../wire/fetch-request.js';

/** How long a broker that has nothing may wait for something. */
const WAIT_MS = 500;
/** The same while partitions that have more to give are not asked for: they come with the next request. */
const SHORT_WAIT_MS = 50;
/** Of all partitions in an answer, unless a single batch is larger. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

/** A partition's part of an answer. */
export interface FetchedBytes extends FetchedPartition {
  /** There was room for more, and nothing held the broker back: what is not here does not exist. */
  readonly isAll: boolean;
}

interface Waiting {
  readonly wish: PartitionWish;
  readonly resolve: (fetched: FetchedBytes) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Fetches from one broker, for all partitions that it leads: they share a connection, on which a broker takes one request
 * after the other, so all that are wanted go into one. Those that an answer had no room for are the first of the next.
 */
export class BrokerFetcher {
  readonly #topic: string;
  readonly #timeoutMs: number;
  readonly #connect: () => Promise<Broker>;
  /** By partition, in the order in which they came. */
  readonly #waiting = new Map<number, Waiting>();
  /** Partitions that have more, and whose readers are busy with what they got. */
  readonly #expected = new Set<number>();
  #running = false;

  constructor(topic: string, timeoutMs: number, connect: () => Promise<Broker>) {
    this.#topic = topic;
    this.#timeoutMs = timeoutMs;
    this.#connect = connect;
  }

  /** Resolves with what there is, or with nothing after a while. One call at a time for a partition. */
  fetch(wish: PartitionWish, signal: AbortSignal): Promise<FetchedBytes> {
    const { partition } = wish;
    return new Promise<FetchedBytes>((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(partition);
        reject(signal.reason);
      };
      const settle = () => signal.removeEventListener('abort', abort);
      signal.addEventListener('abort', abort);
      this.#waiting.set(partition, {
        wish,
        resolve: (fetched) => {
          settle();
          resolve(fetched);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      this.#expected.delete(partition);
      if (!this.#running) void this.#run();
    });
  }

  /** The reader of a partition has more to come from it, or will not come back. */
  expect(partition: number, hasMore: boolean): void {
    if (hasMore) this.#expected.add(partition);
    else this.#expected.delete(partition);
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.size > 0) {
      // Readers that were given something in the same moment come back in the same moment.
      await turn();
      const asked = [...this.#waiting.values()];
      try {
        this.#hand(asked, await this.#send(asked));
      } catch (error) {
        for (const { wish, reject } of asked) {
          this.#waiting.delete(wish.partition);
          reject(error);
        }
      }
    }
    this.#running = false;
  }

  async #send(asked: readonly Waiting[]): Promise<FetchAnswer> {
    const broker = await this.#connect();
    const wishes = asked.map(({ wish }) => wish);
    const waitMs = this.#expected.size > 0 ? SHORT_WAIT_MS : WAIT_MS;
    const options = { waitMs, bytesMax: ANSWER_BYTES_MAX, timeoutMs: this.#timeoutMs };
    const answer = await broker.connectionPool.send(fetchRequest(this.#topic, wishes, options));
    if (answer === undefined) throw new Error('a Fetch always has an answer');
    if (answer.errorCode !== 0) throw new BrokerRefusal(answer.errorCode);
    return answer;
  }

  /** Gives each what it waits for; who got nothing only for want of room, or of quota, goes on waiting. */
  #hand(asked: readonly Waiting[], { partitions, clientSideThrottleTime }: FetchAnswer): void {
    const byPartition = new Map(partitions.map((fetched) => [fetched.partition, fetched]));
    let hasRoom = clientSideThrottleTime === 0;
    for (const waiting of asked) {
      const { partition, offset } = waiting.wish;
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
