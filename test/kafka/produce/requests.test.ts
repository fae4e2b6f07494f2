import createRequest from 'kafkajs/src/protocol/request.js';
import encodeProduce from 'kafkajs/src/protocol/requests/produce/v7/request.js';
import decodeResponse from 'kafkajs/src/protocol/requests/produce/v7/response.js';
import { describe, expect, test } from 'vitest';
import { RequestWriter } from '../../../src/kafka/produce/request-writer.js';
import { decodeProduceResponse } from '../../../src/kafka/wire/produce.js';
import { outgoing } from './records.js';

const STAMP = { producerId: 4711n, epoch: 2, sequence: 0 };

describe('a Produce request', () => {
  test('has the same bytes as one that kafkajs encodes', async () => {
    const partitions = [3, 0, 12].map((partition) => {
      const messages = Array.from({ length: 30 }, (_, i) => ({
        key: i % 3 === 0 ? null : Buffer.from(`key ${i}`),
        value: Buffer.from('x'.repeat(i * partition * 5)),
        timestamp: String(1_600_000_000_000 + i),
        headers: i % 5 === 0 ? { name: 'é', list: ['1', 'true'] } : {},
      }));
      return { partition, firstSequence: 0, messages };
    });
    const request = encodeProduce({
      acks: -1,
      timeout: 27_000,
      producerId: 4711,
      producerEpoch: 2,
      compression: 0,
      topicData: [{ topic: 'orders', partitions }],
    });
    const { buffer } = await createRequest({ request, correlationId: 0, clientId: 'kload' });

    const options = {
      topic: 'orders',
      acks: -1,
      compression: 'none',
      idempotent: true,
      recordedTimestamps: true,
    } as const;
    const writer = new RequestWriter(options, 30_000);
    const parts = partitions.map(async ({ partition, messages }) => {
      const records = outgoing(
        messages.map(({ key, value, timestamp, headers }) => {
          const json = Object.keys(headers).length > 0 ? { headers: JSON.stringify(headers) } : {};
          return { key: key ?? Buffer.alloc(0), value, recordedAtMs: Number(timestamp), ...json };
        }),
      );
      return { partition, ready: await writer.prepare(records, STAMP) };
    });
    const { bytes } = await writer.write(await Promise.all(parts));
    expect(bytes.toString('hex')).toBe(Buffer.from(buffer).toString('hex'));
  });
});

describe('a Produce response', () => {
  const partition = (id: number, error: number) => {
    const bytes = Buffer.alloc(30);
    bytes.writeInt32BE(id);
    bytes.writeInt16BE(error, 4);
    return bytes;
  };
  const head = Buffer.from(`000000010006${Buffer.from('orders').toString('hex')}00000002`, 'hex');
  const payload = Buffer.concat([head, partition(7, 0), partition(1, 19), Buffer.from('000003e8', 'hex')]);

  test('is decoded as by kafkajs', async () => {
    const { topics, clientSideThrottleTime } = await decodeResponse.decode(payload);
    const { errorCodes, throttleMs } = decodeProduceResponse(payload);
    expect(throttleMs).toBe(clientSideThrottleTime);
    expect([...errorCodes]).toEqual(topics[0]?.partitions.map(({ partition, errorCode }) => [partition, errorCode]));
    expect([...errorCodes]).toEqual([
      [7, 0],
      [1, 19],
    ]);
  });

  test('is refused if it is truncated', () => {
    for (let end = 0; end < payload.length; end++) {
      expect(() => decodeProduceResponse(payload.subarray(0, end))).toThrow(RangeError);
    }
  });
});
