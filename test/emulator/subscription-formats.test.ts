import { cbor } from '@smithy/core/cbor';
import { EventStreamCodec } from '@smithy/core/event-streams';
import { expect, test } from 'vitest';
import { call, emulatorFor, SIGNED } from './support.js';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString(),
  (text) => Buffer.from(text),
);
const STREAM_ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
const JSON_TYPE = 'application/x-amz-json-1.1';
const CBOR_TYPE = 'application/x-amz-cbor-1.1';

interface Message {
  readonly type: unknown;
  readonly contentType: unknown;
  readonly payload: Record<string, unknown>;
}

async function* messagesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Message> {
  let rest = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= rest.readUInt32BE(0)) {
      const length = rest.readUInt32BE(0);
      const { headers, body: payload } = codec.decode(rest.subarray(0, length));
      rest = rest.subarray(length);
      const type = headers[':event-type']?.value ?? headers[':exception-type']?.value;
      const contentType = headers[':content-type']?.value;
      const isCbor = contentType === CBOR_TYPE;
      const text = Buffer.from(payload);
      yield { type, contentType, payload: isCbor ? cbor.deserialize(text) : JSON.parse(text.toString()) };
    }
  }
}

test.each([JSON_TYPE, CBOR_TYPE])(
  'a subscription in %s gets its events and exceptions in the same format',
  async (contentType) => {
    const emulator = await emulatorFor({ streams: [{ name: 's', shards: 1 }] });
    const registered = await call(emulator, 'RegisterStreamConsumer', { StreamARN: STREAM_ARN, ConsumerName: 'c' });
    const data = Buffer.from([0, 255, 1]);
    await call(emulator, 'PutRecord', { StreamName: 's', PartitionKey: 'k', Data: data.toString('base64') });
    const request = {
      ConsumerARN: JSON.parse(registered.body).Consumer.ConsumerARN,
      ShardId: 'shardId-000000000000',
      StartingPosition: { Type: 'TRIM_HORIZON' },
    };
    const { status, body } = await fetch(emulator.endpoint, {
      method: 'POST',
      headers: {
        'content-type': contentType,
        'x-amz-target': 'Kinesis_20131202.SubscribeToShard',
        'x-amz-date': '20260101T000000Z',
        authorization: SIGNED,
      },
      body: contentType === CBOR_TYPE ? Buffer.from(cbor.serialize(request)) : JSON.stringify(request),
    });
    expect(status).toBe(200);
    const messages = messagesOf(body!);
    expect((await messages.next()).value).toEqual({ type: 'initial-response', contentType, payload: {} });
    const event: Message = (await messages.next()).value;
    const [record, ...others] = event.payload.Records as Record<string, unknown>[];
    expect(event).toMatchObject({ type: 'SubscribeToShardEvent', contentType });
    expect(others).toEqual([]);
    expect(record).toMatchObject({ PartitionKey: 'k', SequenceNumber: expect.stringMatching(/^\d{56}$/) });
    const bytes =
      contentType === CBOR_TYPE ? (record!.Data as Uint8Array) : Buffer.from(String(record!.Data), 'base64');
    expect(Buffer.from(bytes)).toEqual(data);
    await call(emulator, 'DeleteStream', { StreamName: 's', EnforceConsumerDeletion: true });
    const exception: Message = (await messages.next()).value;
    expect(exception).toMatchObject({ type: 'ResourceNotFoundException', contentType });
    expect(exception.payload.message).toContain('not found');
    expect((await messages.next()).done).toBe(true);
  },
);
