import { RequestBuffers } from '../../bytes/request-buffers.js';
import type { Scratch } from '../../bytes/scratch.js';
import type { OutgoingRecord } from '../../target/target.js';
import { CLIENT_ID } from '../cluster/cluster.js';
import { loadCodec } from '../wire/codecs.js';
import { PARTITION_HEAD_BYTES, ProduceHeadWriter, writePartitionHead } from '../wire/produce-request.js';
import type { ProducerStamp } from '../wire/record-batch.js';
import { BatchEncoder, type PlannedBatch } from './batch-encoder.js';
import type { ProduceOptions } from './produce-options.js';

/** A batch as a request takes it: as bytes, or as what is still to be written. */
export type ReadyBatch = Buffer | PlannedBatch;

/** Bytes that a batch takes in a request, at most. */
export function bytesMaxOf(ready: ReadyBatch): number {
  return PARTITION_HEAD_BYTES + (Buffer.isBuffer(ready) ? ready.length : ready.bytesMax);
}

/** Part of a request: what it has for one partition. */
export interface RequestPart {
  readonly partition: number;
  readonly ready: ReadyBatch;
}

/** A request that is complete but for its correlation id. */
export class WrittenRequest {
  readonly bytes: Buffer;
  readonly scratch: Scratch;
  /** Where each part's batch begins and ends. */
  readonly #ranges: readonly (readonly [number, number])[];

  constructor(scratch: Scratch, end: number, ranges: readonly (readonly [number, number])[]) {
    this.scratch = scratch;
    this.bytes = scratch.bytes.subarray(0, end);
    this.#ranges = ranges;
  }

  /** A copy of a part's batch, to be sent again. */
  batchOf(part: number): Buffer {
    const [from, to] = this.#ranges[part]!;
    return Buffer.from(this.bytes.subarray(from, to));
  }
}

/** Makes Produce requests of batches. */
export class RequestWriter {
  readonly #options: ProduceOptions;
  readonly #head: ProduceHeadWriter;
  readonly #buffers = new RequestBuffers();
  #encoder: Promise<BatchEncoder> | undefined;

  constructor(options: ProduceOptions, requestTimeoutMs: number) {
    const { acks, topic } = options;
    this.#options = options;
    // The broker gives up before we do, and says why.
    const timeoutMs = Math.ceil(requestTimeoutMs * 0.9);
    this.#head = new ProduceHeadWriter({ clientId: CLIENT_ID, acks, timeoutMs, topic });
  }

  /** Loads what compresses. */
  async warmUp(): Promise<void> {
    await this.#loaded();
  }

  /** @throws BadHeadersError */
  async prepare(batch: readonly OutgoingRecord[], stamp: ProducerStamp): Promise<ReadyBatch> {
    const encoder = await this.#loaded();
    const planned = encoder.plan(batch, stamp);
    return (await encoder.compressed(planned)) ?? planned;
  }

  /** Only after a batch was prepared. */
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

  /** Its buffer is free for others: only when the broker has answered it. */
  giveBack({ scratch }: WrittenRequest): void {
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
