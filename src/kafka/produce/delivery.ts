import type { Failure } from '../../core/failure.js';
import { nowMs } from '../../system/clock.js';
import type { OutgoingRecord } from '../../target/target.js';
import type { Broker, BrokerConnection } from '../cluster/cluster.js';
import { brokerError, DUPLICATE_SEQUENCE_NUMBER, isLostSequence, isStaleLeader } from '../errors/broker-error.js';
import { failureOf } from '../errors/failures.js';
import { decodeProduceResponse, type ProduceResponse } from '../wire/produce.js';
import { NO_PRODUCER_ID } from '../wire/record-batch-writer.js';
import { exchange } from './exchange.js';
import type { Leaders } from './leaders.js';
import type { PartitionBatch } from './partition-batch.js';
import type { ProduceOptions } from './request-writer.js';
import { bytesMaxOf, type RequestPart, RequestWriter, type WrittenRequest } from './request-writer.js';
import { Sequences } from './sequences.js';

/** Batches for the same broker share a request up to this size. A larger batch has a request of its own. */
const REQUEST_BYTES_MAX = 1024 * 1024;

interface Part extends RequestPart {
  readonly batch: PartitionBatch;
}

/** Sends batches to their broker and settles each with its result. */
export class Delivery {
  readonly #options: ProduceOptions;
  readonly #leaders: Leaders;
  readonly #writer: RequestWriter;
  /** Undefined without idempotence. */
  readonly #sequences: Sequences | undefined;
  /** The encoded bytes of batches to be resent: a resend must be identical, so that the broker recognises it. */
  readonly #resends = new WeakMap<readonly OutgoingRecord[], Buffer>();

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

  /** Settles every batch; never rejects. */
  async deliver(broker: Broker, batches: readonly PartitionBatch[]): Promise<void> {
    await settling(batches, async () => {
      const connection = await broker.connectionPool.getConnection();
      const prepared = await Promise.all(batches.map((batch) => this.#prepare(batch)));
      const requests = requestsOf(prepared.filter((part) => part !== undefined));
      await Promise.all(requests.map((parts) => this.#send(broker, connection, parts)));
    });
  }

  /** Encodes a batch. If that fails, settles it and returns undefined. */
  async #prepare(batch: PartitionBatch): Promise<Part | undefined> {
    const { partition, records } = batch;
    return settling([batch], async () => {
      const resend = this.#resends.get(records);
      if (resend !== undefined) return { batch, partition, ready: resend };
      const stamp = (await this.#sequences?.claim(partition, records)) ?? NO_PRODUCER_ID;
      return { batch, partition, ready: await this.#writer.prepare(records, stamp) };
    });
  }

  async #send(broker: Broker, connection: BrokerConnection, parts: readonly Part[]): Promise<void> {
    const batches = parts.map(({ batch }) => batch);
    await settling(batches, async () => {
      const request = await this.#writer.write(parts);
      const onOffered = () => {
        const atMs = nowMs();
        for (const batch of batches) batch.offered(atMs);
      };
      try {
        const payload = await exchange(connection, request.bytes, this.#options.acks !== 0, onOffered);
        const response = payload === undefined ? NO_ACKS : readResponse(payload);
        connection.requestQueue.maybeThrottle(response.throttleMs);
        for (const [index, part] of parts.entries()) this.#settle(part, index, request, response, broker);
      } catch (error) {
        this.#leaders.invalidate();
        for (const [index, { batch }] of parts.entries()) this.#resends.set(batch.records, request.batchOf(index));
        throw error;
      }
      this.#writer.release(request);
    });
  }

  #settle(
    { batch, partition }: Part,
    index: number,
    request: WrittenRequest,
    response: ProduceResponse,
    broker: Broker,
  ): void {
    const errorCode = response === NO_ACKS ? 0 : response.errorCodes.get(partition);
    if (errorCode === 0 || errorCode === DUPLICATE_SEQUENCE_NUMBER) {
      this.#sequences?.acknowledge(partition);
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
    const wasResent = this.#resends.has(records);
    if (isStaleLeader(errorCode)) this.#leaders.invalidate();
    if (isLostSequence(errorCode)) {
      // The next attempt encodes the batch again, under a new producer id.
      this.#resends.delete(records);
      this.#sequences?.reset(partition);
    } else if (kind === 'retriable' || kind === 'throttled') {
      if (!wasResent) this.#resends.set(records, bytes());
    } else if (wasResent || mayBeStored) {
      // The broker may have stored it, so its sequence numbers cannot be used again.
      this.#sequences?.reset(partition);
    } else {
      this.#sequences?.release(partition);
    }
  }
}

/** Stands for the response with acks=0: the broker sends none, so every batch counts as accepted. */
const NO_ACKS: ProduceResponse = { errorCodes: new Map(), throttleMs: 0 };
const UNREADABLE: Failure = {
  kind: 'retriable',
  code: 'UnreadableResponse',
  message: 'the response does not mention the partition',
  mayBeStored: true,
};

function readResponse(payload: Buffer): ProduceResponse {
  try {
    return decodeProduceResponse(payload);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { errorCodes: new Map(), throttleMs: 0 };
  }
}

/** Groups batches for one broker into requests. */
function requestsOf(parts: readonly Part[]): Part[][] {
  const requests: Part[][] = [];
  let bytes = 0;
  for (const part of parts) {
    bytes += bytesMaxOf(part.ready);
    const last = requests.at(-1);
    if (last === undefined || bytes > REQUEST_BYTES_MAX) {
      requests.push([part]);
      bytes = bytesMaxOf(part.ready);
    } else {
      last.push(part);
    }
  }
  return requests;
}

/** Runs `work`. If it throws, settles the batches with the failure and returns undefined. */
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
