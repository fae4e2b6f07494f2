import type { RequestBuffers } from '../../bytes/request-buffers.js';
import type { Scratch } from '../../bytes/scratch.js';
import type { OutgoingRecord } from '../../target/target.js';
import type { Codec } from '../wire/codecs.js';
import { type EncodedHeaders, encodeHeaders } from '../wire/headers.js';
import { HEAD_BYTES } from '../wire/record-batch-layout.js';
import {
  type BatchTimes,
  batchBytesMax,
  type ProducerStamp,
  RecordWriter,
  writeHead,
} from '../wire/record-batch-writer.js';

/** A batch that is ready to be encoded. */
export interface PlannedBatch {
  readonly batch: readonly OutgoingRecord[];
  readonly stamp: ProducerStamp;
  readonly headers: EncodedHeaders | undefined;
  readonly nowMs: number;
  readonly times: BatchTimes;
  /** Upper bound of the encoded size, before compression. */
  readonly bytesMax: number;
}

/** Encodes a partition's records as record batches. */
export class BatchEncoder {
  readonly #records: RecordWriter;
  readonly #codec: Codec | undefined;
  readonly #buffers: RequestBuffers;

  /** @param codec undefined for no compression */
  constructor(recordedTimestamps: boolean, codec: Codec | undefined, buffers: RequestBuffers) {
    this.#records = new RecordWriter(recordedTimestamps);
    this.#codec = codec;
    this.#buffers = buffers;
  }

  /** @throws BadHeadersError */
  plan(batch: readonly OutgoingRecord[], stamp: ProducerStamp): PlannedBatch {
    const headers = encodeHeaders(batch);
    const nowMs = Date.now();
    const times = this.#records.timesOf(batch, nowMs);
    return { batch, stamp, headers, nowMs, times, bytesMax: batchBytesMax(batch, headers) };
  }

  /** @returns where the batch ends */
  write(planned: PlannedBatch, into: Scratch, at: number): number {
    const end = this.#writeRecords(planned, into, at + HEAD_BYTES);
    writeHead({ codec: 0, count: planned.batch.length, times: planned.times, stamp: planned.stamp }, into, at, end);
    return end;
  }

  /** Returns the compressed batch. Undefined without a codec: then `write` encodes straight into the request. */
  async compressed(planned: PlannedBatch): Promise<Buffer | undefined> {
    const codec = this.#codec;
    if (codec === undefined) return undefined;
    const { batch, times, stamp } = planned;
    const plain = this.#buffers.take(planned.bytesMax);
    const records = plain.bytes.subarray(0, this.#writeRecords(planned, plain, 0));
    const compressed = await codec.compress(records);
    // Incompressible bytes grow, which could push a batch over the topic's limit. Send them uncompressed.
    const [codecId, smaller] = compressed.length < records.length ? [codec.id, compressed] : [0, records];
    const end = HEAD_BYTES + smaller.length;
    const into = this.#buffers.take(end);
    into.bytes.set(smaller, HEAD_BYTES);
    this.#buffers.giveBack(plain);
    writeHead({ codec: codecId, count: batch.length, times, stamp }, into, 0, end);
    const bytes = Buffer.from(into.bytes.subarray(0, end));
    this.#buffers.giveBack(into);
    return bytes;
  }

  #writeRecords({ batch, headers, nowMs, times }: PlannedBatch, into: Scratch, at: number): number {
    return this.#records.write(batch, headers, nowMs, times.first, into, at);
  }
}
