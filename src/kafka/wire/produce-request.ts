import type { Scratch } from '../../bytes/scratch.js';

export const API_KEY = 0;
/** With Zstandard and with throttling on our side: from Kafka 2.1 on, and 4 still takes it. */
export const API_VERSION = 7;
/** Where a request has the number that its answer refers to. */
export const CORRELATION_ID_AT = 8;

export interface ProduceHead {
  readonly clientId: string;
  readonly acks: number;
  /** How long the broker waits for replicas. */
  readonly timeoutMs: number;
  readonly topic: string;
}

/** Bytes of a partition's head: its number, and the length of its batch. */
export const PARTITION_HEAD_BYTES = 8;

/** Writes the part of Produce requests that is before their batches: always the same but for three numbers. */
export class ProduceHeadWriter {
  readonly #head: Buffer;

  constructor({ clientId, acks, timeoutMs, topic }: ProduceHead) {
    this.#head = Buffer.concat([
      // Its length, which is known at the end.
      int32(0),
      int16(API_KEY),
      int16(API_VERSION),
      int32(0),
      text(clientId),
      // No transaction.
      int16(-1),
      int16(acks),
      int32(timeoutMs),
      // One topic.
      int32(1),
      text(topic),
      int32(0),
    ]);
  }

  get bytes(): number {
    return this.#head.length;
  }

  /** @param end of all that comes behind the head, which stands at the front */
  write(partitions: number, into: Scratch, end: number): void {
    into.bytes.set(this.#head, 0);
    into.view.setInt32(0, end - 4);
    into.view.setInt32(this.#head.length - 4, partitions);
  }
}

export function writePartitionHead(partition: number, batchBytes: number, into: Scratch, at: number): void {
  into.view.setInt32(at, partition);
  into.view.setInt32(at + 4, batchBytes);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
}
