import { describe, expect, test } from 'vitest';
import { call, emulatorFor, type RawResponse, send } from '../support.js';

/** Bodies of 10 MB that would block the event loop for seconds are refused before they are parsed. */

const BYTES = 10_000_000;
const VALUES_MAX = 65_536;

const fill = (text: string) => text.repeat(Math.floor(BYTES / text.length));
const keys = (count: number, value: string) => Array.from({ length: count }, (_, i) => `"k${i}":${value}`).join(',');

const JSON_BODIES: Readonly<Record<string, () => string>> = {
  'lists in lists': () => fill('['),
  'objects in objects': () => fill('{"a":'),
  'lists in a list': () => `{"a":[${fill('[],')}[]]}`,
  'empty records': () => `{"StreamName":"s","Records":[${fill('{},')}{}]}`,
  records: () => `{"StreamName":"s","Records":[${fill('{"Data":"","PartitionKey":"k"},')}{}]}`,
  members: () => `{${keys(800_000, '1')}}`,
  'strings with quotes': () => `{"a":[${fill('"\\"[",')}""]}`,
};

function ofCbor(...parts: (string | readonly number[] | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(part as Buffer)));
}

const CBOR_BODIES: Readonly<Record<string, () => Buffer>> = {
  'lists in lists': () => Buffer.alloc(BYTES, 0x81),
  'numbers in an unknown member': () => ofCbor([0xa1, 0x61], 'a', [0x9f], Buffer.alloc(BYTES, 0), [0xff]),
  'nulls in an unknown member': () => ofCbor([0xa1, 0x61], 'a', [0x9f], Buffer.alloc(BYTES, 0xf6), [0xff]),
  records: () => ofCbor([0xa1, 0x67], 'Records', [0x9f], Buffer.alloc(BYTES, 0xa0), [0xff]),
  tags: () => ofCbor([0xa1], Buffer.alloc(BYTES, 0xc0)),
  'strings in many chunks': () => {
    const text = ofCbor([0x61], 'a', [0x7f], Buffer.alloc(60_000, 0x60), [0xff]);
    return ofCbor([0xbf], ...Array.from({ length: 150 }, () => text), [0xff]);
  },
};

const SERIALIZATION = { status: 400, body: expect.stringContaining('SerializationException') };

async function post(body: string, headers: Record<string, string>): Promise<RawResponse> {
  return await send(await emulatorFor(), { headers, body });
}

describe('a body with too many values', () => {
  test.each(Object.keys(JSON_BODIES))('is refused in JSON: %s', async (kind) => {
    expect(await call(await emulatorFor(), 'PutRecords', JSON_BODIES[kind]?.() ?? '')).toMatchObject(SERIALIZATION);
  });

  test.each(Object.keys(CBOR_BODIES))('is refused in CBOR: %s', async (kind) => {
    const { endpoint } = await emulatorFor();
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/kinesis/d, SignedHeaders=host, Signature=0',
        'x-amz-date': '20260101T000000Z',
        'content-type': 'application/x-amz-cbor-1.1',
        'x-amz-target': 'Kinesis_20131202.PutRecords',
      },
      body: new Uint8Array(CBOR_BODIES[kind]?.() ?? []),
    });
    expect({ status: response.status, body: await response.text() }).toMatchObject(SERIALIZATION);
  });

  test('is counted exactly, and not within strings', async () => {
    const emulator = await emulatorFor();
    const list = (count: number) => `{"Unknown":[${Array(count).fill('"\\"[{,"').join(',')}]}`;
    // Counted are the object, the list, and each comma.
    expect((await call(emulator, 'ListStreams', list(VALUES_MAX - 1))).status).toBe(200);
    expect(await call(emulator, 'ListStreams', list(VALUES_MAX))).toMatchObject(SERIALIZATION);
  });

  test('is refused without credentials, too, and in the former content type', async () => {
    const target = { 'x-amz-target': 'Kinesis_20131202.PutRecords' };
    const body = JSON_BODIES['lists in lists']?.() ?? '';
    const unsigned = await send(await emulatorFor(), { headers: { ...target, authorization: undefined }, body });
    expect(unsigned).toMatchObject(SERIALIZATION);
    const former = await post(body, { ...target, 'content-type': 'application/json' });
    expect(former.body).toContain('SerializationException');
  });
});

test('only requests with records may have more than 2 MiB', async () => {
  const emulator = await emulatorFor({ streams: [{ name: 's', shards: 1 }] });
  const Data = Buffer.alloc(1024 * 1024 - 1).toString('base64');
  const Records = Array.from({ length: 5 }, () => ({ Data, PartitionKey: 'k' }));
  expect((await call(emulator, 'PutRecords', { StreamName: 's', Records })).status).toBe(200);
  const token = (length: number) => call(emulator, 'ListShards', { NextToken: 'A'.repeat(length) });
  expect((await token(1024 * 1024)).body).toContain('NextToken is invalid');
  expect(await token(2 * 1024 * 1024)).toMatchObject({ status: 413 });
});

test('a fault has at most 16 KiB', async () => {
  const emulator = await emulatorFor();
  const fault = await send(emulator, { path: '/_kload/faults', body: `{"action":${fill('[')}` });
  expect(fault).toMatchObject({ status: 413, body: '{"error":"a fault takes at most 16384 bytes"}' });
});

test('a line of the log is short, even if the message repeats a long value', async () => {
  const lines: string[] = [];
  const emulator = await emulatorFor({ log: { level: 'info', write: (line) => lines.push(line) } });
  await call(emulator, 'PutRecord', { StreamName: 'x'.repeat(BYTES), Data: '', PartitionKey: 'k' });
  expect(lines).toHaveLength(1);
  expect(lines[0]?.length).toBeLessThan(5000);
});
