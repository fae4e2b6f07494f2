/** What a broker answered to a Produce request. */
export interface ProduceAnswer {
  /** Kafka's error code of each partition; 0 is success. */
  readonly errorCodes: ReadonlyMap<number, number>;
  /** How long the broker asks not to be asked. */
  readonly throttleMs: number;
}

/** Offset, time and first offset of the log: who sends needs none of them. */
const REST_OF_PARTITION_BYTES = 8 + 8 + 8;

/**
 * Reads the answer to a request of one topic (version 7).
 *
 * @throws RangeError where it is no such answer
 */
export function readProduceAnswer(payload: Buffer): ProduceAnswer {
  const errorCodes = new Map<number, number>();
  let at = 0;
  const topics = payload.readInt32BE(at);
  at += 4;
  for (let topic = 0; topic < topics; topic++) {
    at += 2 + payload.readInt16BE(at);
    const partitions = payload.readInt32BE(at);
    at += 4;
    for (let partition = 0; partition < partitions; partition++) {
      errorCodes.set(payload.readInt32BE(at), payload.readInt16BE(at + 4));
      at += 6 + REST_OF_PARTITION_BYTES;
    }
  }
  return { errorCodes, throttleMs: payload.readInt32BE(at) };
}
