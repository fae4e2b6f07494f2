import { ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import { clientOf, emulatorFor, type RawResponse, SIGNED, send } from '../support.js';

/** The service's own responses, as recorded by clients. */

const JSON_TYPE = 'application/x-amz-json-1.1';
const TARGET = 'Kinesis_20131202.ListStreams';
const NO_DATE = { 'x-amz-date': undefined };

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string | undefined>;
  readonly body?: string;
}

async function ask(request: Asked): Promise<RawResponse> {
  return send(await emulatorFor(), request);
}

describe('a request without a valid operation', () => {
  const undetermined = {
    status: 403,
    body:
      '<AccessDeniedException>\n' +
      '  <Message>Unable to determine service/operation name to be authorized</Message>\n' +
      '</AccessDeniedException>\n',
  };
  test.each<[string, Asked]>([
    ['GET', { method: 'GET', headers: { 'content-type': undefined } }],
    ['PUT', { method: 'PUT', body: '{}' }],
    ['OPTIONS', { method: 'OPTIONS' }],
    ['no content type', { headers: { 'content-type': undefined }, body: '{}' }],
    ['another content type', { headers: { 'content-type': 'application/x-amz-json-1.0' }, body: '{}' }],
    ['half a target', { headers: { 'content-type': 'text/plain', 'x-amz-target': 'Kinesis_20131202.' }, body: '{}' }],
  ])('is denied in XML: %s', async (_, request) => {
    const response = await ask(request);
    expect(response).toMatchObject(undetermined);
    expect(response.headers).not.toHaveProperty('content-type');
    expect(response.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
    expect(Buffer.from(String(response.headers['x-amz-id-2']), 'base64')).toHaveLength(72);
  });

  test('of an unknown content type gets UnknownOperationException in XML', async () => {
    const response = await ask({ headers: { 'content-type': 'text/xml', 'x-amz-target': TARGET }, body: '{}' });
    expect(response).toMatchObject({ status: 404, body: '<UnknownOperationException/>\n' });
  });

  test.each([
    ['{}', 404, 'UnknownOperationException'],
    ['x', 400, 'SerializationException'],
  ])('of the former content type gets its error in that format: %s', async (body, status, type) => {
    const headers = { 'content-type': 'application/json', 'x-amz-target': TARGET };
    const response = await ask({ headers, body });
    expect(response.status).toBe(status);
    expect(response.headers['content-type']).toBe('application/json');
    // An error without a message has no message member.
    const Output = { __type: `com.amazon.coral.service#${type}` };
    expect(JSON.parse(response.body)).toEqual({ Output, Version: '1.0' });
  });

  test.each(['Kinesis_20131202.constructor', 'Kinesis_20131202.', 'DynamoDB_20120810.ListTables', undefined])(
    'names an operation that does not exist: %s',
    async (target) => {
      const response = await ask({ headers: { 'x-amz-target': target }, body: '{}' });
      expect(response).toMatchObject({ status: 400, body: '{"__type":"UnknownOperationException"}' });
    },
  );
});

test('an unknown operation is refused without a message in CBOR, too', async () => {
  const headers = { 'content-type': 'application/x-amz-cbor-1.1', 'x-amz-target': 'Kinesis_20131202.None' };
  const response = await ask({ headers, body: 'x' });
  expect(response.status).toBe(400);
  expect(response.body).toContain('UnknownOperationException');
  expect(response.body).not.toMatch(/message/i);
});

describe('a request without a body', () => {
  test.each([
    [TARGET, 'SerializationException'],
    ['none', 'UnknownOperationException'],
  ])('for %s is a %s', async (target, type) => {
    const response = await ask({ headers: { 'x-amz-target': target } });
    expect(response).toMatchObject({ status: 400, body: `{"__type":"${type}"}` });
  });

  test('and without a content type gets its error in CBOR', async () => {
    const response = await ask({ headers: { 'content-type': undefined, 'x-amz-target': TARGET } });
    expect(response.headers['content-type']).toBe('application/x-amz-cbor-1.1');
    expect(response.body).toContain('SerializationException');
  });
});

describe('a request whose credentials', () => {
  async function refusal(request: Asked): Promise<unknown> {
    const headers = { 'x-amz-target': TARGET, ...request.headers };
    const { status, body } = await ask({ body: '{}', ...request, headers });
    expect(status).toBe(400);
    return JSON.parse(body);
  }

  test('are missing', async () => {
    const missing = { __type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' };
    expect(await refusal({ headers: { authorization: undefined } })).toEqual(missing);
    const almost = '/?X-Amz-Credential=a&X-Amz-Signature=b&X-Amz-SignedHeaders=c&X-Amz-Date=d';
    expect(await refusal({ path: almost, headers: { authorization: undefined } })).toEqual(missing);
  });

  test('are missing and whose body is not JSON gets the error of its body', async () => {
    expect(await refusal({ headers: { authorization: undefined }, body: 'hello' })).toEqual({
      __type: 'SerializationException',
    });
  });

  test.each<[string, Record<string, string | undefined>, string]>([
    [
      'X',
      NO_DATE,
      "Authorization header requires 'Credential' parameter. " +
        "Authorization header requires 'Signature' parameter. " +
        "Authorization header requires 'SignedHeaders' parameter. " +
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
    ],
    ['AWS4- Signature=b Credential=a', {}, "Authorization header requires 'SignedHeaders' parameter. "],
    ['AWS4- Signature=b,Credential=a', {}, "Authorization header requires 'SignedHeaders' parameter. "],
    [
      'AWS4- Signature=b, Credential=a, SignedHeaders=',
      { ...NO_DATE, date: 'a' },
      "Authorization header requires 'SignedHeaders' parameter. ",
    ],
  ])('are incomplete: %s', async (authorization, headers, message) => {
    expect(await refusal({ headers: { ...headers, authorization } })).toEqual({
      __type: 'IncompleteSignatureException',
      message: `${message}Authorization=${authorization}`,
    });
  });

  test('are incomplete in the URL', async () => {
    expect(await refusal({ path: '/?X-Amz-Algorithm', headers: { authorization: undefined } })).toEqual({
      __type: 'IncompleteSignatureException',
      message:
        "AWS query-string parameters must include 'X-Amz-Algorithm'. " +
        "AWS query-string parameters must include 'X-Amz-Credential'. " +
        "AWS query-string parameters must include 'X-Amz-Signature'. " +
        "AWS query-string parameters must include 'X-Amz-SignedHeaders'. " +
        "AWS query-string parameters must include 'X-Amz-Date'. " +
        'Re-examine the query-string parameters.',
    });
  });

  test('are there twice', async () => {
    expect(await refusal({ path: '/?X-Amz-Algorithm' })).toEqual({
      __type: 'InvalidSignatureException',
      message: "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    });
  });

  test('are in the URL belongs to the region and account that they name', async () => {
    const emulator = await emulatorFor({ streams: [{ name: 's', shards: 1 }], region: 'eu-west-1' });
    const path = (region: string) =>
      '/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=b&X-Amz-SignedHeaders=host&X-Amz-Date=20260101T000000Z' +
      `&X-Amz-Credential=test%2F20260101%2F${region}%2Fkinesis%2Faws4_request`;
    const headers = { authorization: undefined, 'x-amz-target': TARGET };
    const here = await send(emulator, { path: path('eu-west-1'), headers, body: '{}' });
    expect(JSON.parse(here.body)).toMatchObject({ StreamNames: ['s'] });
    const elsewhere = await send(emulator, { path: path('eu-west-2'), headers, body: '{}' });
    expect(JSON.parse(elsewhere.body)).toMatchObject({ StreamNames: [] });
  });
});

describe('a response', () => {
  test.each([JSON_TYPE, `${JSON_TYPE}; charset=utf-8`, JSON_TYPE.toUpperCase()])('is in JSON for %s', async (type) => {
    const response = await ask({ headers: { 'content-type': type, 'x-amz-target': TARGET }, body: '{}' });
    expect(response).toMatchObject({ status: 200, headers: { 'content-type': JSON_TYPE } });
  });

  test('needs no valid signature by default', async () => {
    const headers = { authorization: SIGNED, 'x-amz-target': TARGET };
    expect((await ask({ headers, body: '{}' })).status).toBe(200);
  });
});

describe('an emulator that verifies signatures', () => {
  test('serves only requests signed with its credentials', async () => {
    const verifySignatures = { accessKeyId: 'known', secretAccessKey: 'test' };
    const emulator = await emulatorFor({ verifySignatures, streams: [{ name: 's', shards: 1 }] });
    const known = clientOf(emulator, 'known', 'eu-north-1');
    expect(await known.send(new ListStreamsCommand({}))).toMatchObject({ StreamNames: [] });
    await expect(clientOf(emulator, 'unknown').send(new ListStreamsCommand({}))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
      $metadata: { httpStatusCode: 400 },
    });
    const response = await send(emulator, { headers: { 'x-amz-target': TARGET }, body: '{}' });
    expect(JSON.parse(response.body)).toMatchObject({ __type: 'InvalidSignatureException' });
  });
});
