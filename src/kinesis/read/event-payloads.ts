import { eventStreamSerdeProvider } from '@smithy/core/event-streams';

type Provider = typeof eventStreamSerdeProvider;
type Deserialize = ReturnType<Provider>['deserialize'];

const RECORDS = 'SubscribeToShardEvent';

/**
 * Makes the SDK return the events of SubscribeToShard as bytes, for `readPage` to read. The SDK still reads messages,
 * checks their sums, and reads exceptions.
 */
export const payloadsOnly: Provider = (options) => {
  const marshaller = eventStreamSerdeProvider(options);
  const deserialize: Deserialize = (body, deserializer) =>
    marshaller.deserialize(body, async (event) => {
      const records = event[RECORDS];
      return records === undefined
        ? deserializer(event)
        : ({ [RECORDS]: records.body } as Awaited<ReturnType<typeof deserializer>>);
    });
  return { serialize: marshaller.serialize.bind(marshaller), deserialize };
};

/** The bytes of an event of a client with `payloadsOnly`. */
export function eventBytes(event: unknown): Buffer {
  const { buffer, byteOffset, length } = event as Uint8Array;
  return Buffer.from(buffer, byteOffset, length);
}
