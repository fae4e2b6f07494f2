import type { Failure } from '../../core/failure.js';
import { nowMs } from '../../system/clock.js';
import type { OutgoingRecord } from '../../target/target.js';
import type { Broker, BrokerConnection } from '../cluster/cluster.js';
import { brokerError, DUPLICATE, tellsOfLostSequences, tellsOfStaleLeaders } from '../errors/broker-error.js';
import { failureOf } from '../errors/failures.js';
import { type ProduceAnswer, readProduceAnswer } from '../wire/produce-response.js';
import { ANONYMOUS } from '../wire/record-batch.js';
import { exchange } from './exchange.js';
import type { Leaders } from './leaders.js';
import type { PartitionBatch } from './partition-batch.js';
import type { ProduceOptions } from './produce-options.js';
import { bytesMaxOf, type RequestPart, RequestWriter, type WrittenRequest } from './request-writer.js';
import { Sequences } from './sequences.js';

/** Batches for one broker go together until a request has this. */
const REQUEST_BYTES = 1024 * 1024;

interface Part extends RequestPart {
  readonly batch: PartitionBatch;
}

/** Brings batches to their broker, and tells each what became of it. */
export class Delivery {
  readonly #options: ProduceOptions;
  readonly #leaders: Leaders;
  readonly #writer: RequestWriter;
  /** Undefined where brokers are not to recognise what they are sent again. */
  readonly #sequences: Sequences | undefined;
  /** Of batches that were sent and are to be sent again: they go as they went. */
  readonly #sentBefore = new WeakMap<readonly OutgoingRecord[], Buffer>();

  constructor(options: ProduceOptions, requestTimeoutMs: number, leaders: Leaders) {
    this.#options = options;
    this.#leaders = leaders;
    this.#writer = new RequestWriter(options, requestTimeoutMs);
    this.#sequences = options.idempotent ? new Sequences(() => leaders.newProducerId()) : undefined;
  }

  async warmUp(): Promise<void> {
    await this.#writer.warmUp();
    await this.#sequences?.warmUp();
  }

  /** Settles all of the batches. */
  async deliver(broker: Broker, batches: readonly PartitionBatch[]): Promise<void> {
    await settling(batches, async () => {
      const connection = await broker.connectionPool.getConnection();
      const prepared = await Promise.all(batches.map((batch) => this.#prepare(batch)));
      const requests = requestsOf(prepared.filter((part) => part !== undefined));
      await Promise.all(requests.map((parts) => this.#ask(broker, connection, parts)));
    });
  }

  /** Undefined where that failed, and is settled. */
  async #prepare(batch: PartitionBatch): Promise<Part | undefined> {
    const { partition, records } = batch;
    return settling([batch], async () => {
      const before = this.#sentBefore.get(records);
      if (before !== undefined) return { batch, partition, ready: before };
      const stamp = (await this.#sequences?.claim(partition, records)) ?? ANONYMOUS;
      return { batch, partition, ready: await this.#writer.prepare(records, stamp) };
    });
  }

  async #ask(broker: Broker, connection: BrokerConnection, parts: readonly Part[]): Promise<void> {
    const batches = parts.map(({ batch }) => batch);
    await settling(batches, async () => {
      const request = await this.#writer.write(parts);
      const handing = () => {
        const atMs = nowMs();
        for (const batch of batches) batch.offered(atMs);
      };
      try {
        const payload = await exchange(connection, request.bytes, this.#options.acks !== 0, handing);
        const answer = payload === undefined ? ALL_TAKEN : readAnswer(payload);
        connection.requestQueue.maybeThrottle(answer.throttleMs);
        for (const [index, part] of parts.entries()) this.#settle(part, index, request, answer, broker);
      } catch (error) {
        this.#leaders.doubt();
        for (const [index, { batch }] of parts.entries()) this.#sentBefore.set(batch.records, request.batchOf(index));
        throw error;
      }
      this.#writer.giveBack(request);
    });
  }

  #settle(
    { batch, partition }: Part,
    index: number,
    request: WrittenRequest,
    answer: ProduceAnswer,
    broker: Broker,
  ): void {
    const errorCode = answer === ALL_TAKEN ? 0 : answer.errorCodes.get(partition);
    if (errorCode === 0 || errorCode === DUPLICATE) {
      this.#sequences?.taken(partition);
      batch.settle(undefined);
      return;
    }
    const where = `broker ${broker.brokerAddress}, topic ${this.#options.topic}, partition ${partition}`;
    const known = errorCode === undefined ? UNREADABLE : brokerError(errorCode);
    this.#noteRefusal(errorCode ?? 0, known, batch, () => request.batchOf(index));
    batch.settle({ ...known, message: `${known.message} (${where})` });
  }

  #noteRefusal(
    errorCode: number,
    { kind, mayBeStored = false }: Failure,
    { partition, records }: PartitionBatch,
    bytes: () => Buffer,
  ): void {
    const wasSentBefore = this.#sentBefore.has(records);
    if (tellsOfStaleLeaders(errorCode)) this.#leaders.doubt();
    if (tellsOfLostSequences(errorCode)) {
      // It comes again as another batch.
      this.#sentBefore.delete(records);
      this.#sequences?.lost(partition);
    } else if (kind === 'retriable' || kind === 'throttled') {
      if (!wasSentBefore) this.#sentBefore.set(records, bytes());
    } else if (wasSentBefore || mayBeStored) {
      // The broker may have it all the same.
      this.#sequences?.lost(partition);
    } else {
      this.#sequences?.refused(partition);
    }
  }
}

/** Where no answer is asked for. */
const ALL_TAKEN: ProduceAnswer = { errorCodes: new Map(), throttleMs: 0 };
const UNREADABLE: Failure = {
  kind: 'retriable',
  code: 'UnreadableAnswer',
  message: 'the response does not mention the partition',
  mayBeStored: true,
};

function readAnswer(payload: Buffer): ProduceAnswer {
  try {
    return readProduceAnswer(payload);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { errorCodes: new Map(), throttleMs: 0 };
  }
}

/** Those that go together, of batches for one broker. */
function requestsOf(parts: readonly Part[]): Part[][] {
  const requests: Part[][] = [];
  let bytes = 0;
  for (const part of parts) {
    bytes += bytesMaxOf(part.ready);
    const last = requests.at(-1);
    if (last === undefined || bytes > REQUEST_BYTES) {
      requests.push([part]);
      bytes = bytesMaxOf(part.ready);
    } else {
      last.push(part);
    }
  }
  return requests;
}

/** Settles batches with what is thrown; undefined then. */
export async function settling<T>(batches: readonly PartitionBatch[], work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    try {
      const refusal = failureOf(error);
      for (const batch of batches) batch.settle(refusal);
    } catch (bug) {
      for (const batch of batches) batch.crash(bug);
    }
    return undefined;
  }
}
