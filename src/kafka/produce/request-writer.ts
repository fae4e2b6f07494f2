import { RequestBuffers } from '../../bytes/request-buffers.js';
import type { Scratch } from '../../bytes/scratch.js';
import type { Compression } from '../../core/compression.js';
import type { OutgoingRecord } from '../../target/target.js';
import { CLIENT_ID } from '../cluster/cluster.js';
import { loadCodec } from '../wire/codecs.js';
import { PARTITION_HEAD_BYTES, ProduceHeadWriter, writePartitionHead } from '../wire/produce.js';
import type { ProducerStamp } from '../wire/record-batch-writer.js';
import { BatchEncoder, type PlannedBatch } from './batch-encoder.js';

/** How records are sent to a topic. */
export interface ProduceOptions {
  readonly topic: string;
  /** Who must store a batch before it is acknowledged: the leader (1) or all in-sync replicas (-1). 0: no response. */
  readonly acks: -1 | 0 | 1;
  readonly compression: Compression;
  /** Whether brokers recognise resent batches and store them only once. */
  readonly idempotent: boolean;
  /** Whether a record's timestamp is its recorded time, if known, instead of the time of sending. */
  readonly recordedTimestamps: boolean;
}

/** A batch for a request: already encoded (compressed or resent), or to be encoded straight into the request. */
export type ReadyBatch = Buffer | PlannedBatch;

/** The upper bound of a batch's size in a request. */
export function bytesMaxOf(ready: ReadyBatch): number {
  return PARTITION_HEAD_BYTES + (Buffer.isBuffer(ready) ? ready.length : ready.bytesMax);
}

/** The part of a request that is for one partition. */
export interface RequestPart {
  readonly partition: number;
  readonly ready: ReadyBatch;
}

/** A request that is complete except for its correlation id. */
export class WrittenRequest {
  readonly bytes: Buffer;
  readonly scratch: Scratch;
  /** Start and end of each part's batch in `bytes`. */
  readonly #ranges: readonly (readonly [number, number])[];

  constructor(scratch: Scratch, end: number, ranges: readonly (readonly [number, number])[]) {
    this.scratch = scratch;
    this.bytes = scratch.bytes.subarray(0, end);
    this.#ranges = ranges;
  }

  /** Returns a copy of a part's batch, for a resend. */
  batchOf(part: number): Buffer {
    const [from, to] = this.#ranges[part]!;
    return Buffer.from(this.bytes.subarray(from, to));
  }
}

/** Encodes Produce requests. */
export class RequestWriter {
  readonly #options: ProduceOptions;
  readonly #head: ProduceHeadWriter;
  readonly #buffers = new RequestBuffers();
  #encoder: Promise<BatchEncoder> | undefined;

  constructor(options: ProduceOptions, requestTimeoutMs: number) {
    const { acks, topic } = options;
    this.#options = options;
    // Shorter than the client's timeout, so that the broker gives up first and reports the reason.
    const timeoutMs = Math.ceil(requestTimeoutMs * 0.9);
    this.#head = new ProduceHeadWriter({ clientId: CLIENT_ID, acks, timeoutMs, topic });
  }

  /** Loads the compression codec. */
  async warmUp(): Promise<void> {
    await this.#loaded();
  }

  /** @throws BadHeadersError */
  async prepare(batch: readonly OutgoingRecord[], stamp: ProducerStamp): Promise<ReadyBatch> {
    const encoder = await this.#loaded();
    const planned = encoder.plan(batch, stamp);
    return (await encoder.compressed(planned)) ?? planned;
  }

  /** Encodes a request for batches that `prepare` returned. */
  async write(parts: readonly RequestPart[]): Promise<WrittenRequest> {
    const encoder = await this.#loaded();
    const bytesMax = parts.reduce((sum, { ready }) => sum + bytesMaxOf(ready), this.#head.bytes);
    const scratch = this.#buffers.take(bytesMax);
    const ranges: [number, number][] = [];
    let at = this.#head.bytes;
    for (const { partition, ready } of parts) {
      const from = at + PARTITION_HEAD_BYTES;
      at = Buffer.isBuffer(ready) ? from + ready.copy(scratch.bytes, from) : encoder.write(ready, scratch, from);
      writePartitionHead(partition, at - from, scratch, from - PARTITION_HEAD_BYTES);
      ranges.push([from, at]);
    }
    this.#head.write(parts.length, scratch, at);
    return new WrittenRequest(scratch, at, ranges);
  }

  /** Recycles the request's buffer. Call it only after the response has arrived. */
  release({ scratch }: WrittenRequest): void {
    this.#buffers.giveBack(scratch);
  }

  #loaded(): Promise<BatchEncoder> {
    this.#encoder ??= this.#load();
    return this.#encoder;
  }

  async #load(): Promise<BatchEncoder> {
    const { compression, recordedTimestamps } = this.#options;
    const codec = compression === 'none' ? undefined : await loadCodec(compression);
    return new BatchEncoder(recordedTimestamps, codec, this.#buffers);
  }
}
