import { describe, expect, it, onTestFinished } from 'vitest';
import type { FailureKind } from '../../../src/core/failure.js';
import { writeCbor } from '../../../src/emulator/protocol/cbor-writer.js';
import type { Output } from '../../../src/emulator/protocol/output.js';
import type { WireName } from '../../../src/kinesis/put-records/wire.js';
import { KinesisTarget } from '../../../src/kinesis/target.js';
import {
  BATCH,
  BODY,
  connectionTo,
  oddServer,
  type ReceivedRequest,
  responseOf,
  serviceWith,
} from '../support/odd-server.js';

const STORED = cborOf({ FailedRecordCount: 0, Records: [{ SequenceNumber: '1', ShardId: 'shardId-000000000001' }] });
const HTML = '<html>Bad gateway</html>';

function cborOf(output: Output): string {
  return writeCbor(output).toString('latin1');
}

function targetAt(endpoint: string, wire: WireName): KinesisTarget {
  const target = new KinesisTarget(connectionTo(endpoint), wire);
  onTestFinished(() => target.close());
  return target;
}

/** Sends these responses in turn. */
function inTurn(...responses: readonly string[]): (request: ReceivedRequest) => void {
  return ({ socket, number }) => {
    socket.write(responses[number - 1]!, 'latin1');
  };
}

/** The refusal in the result of the last request, if a target gets these responses in turn. */
async function refusalAfter(wire: WireName, ...responses: readonly string[]) {
  await using server = await oddServer(inTurn(...responses));
  const target = targetAt(server.endpoint, wire);
  let refusal: Awaited<ReturnType<KinesisTarget['send']>>['refusal'];
  for (const _ of responses) ({ refusal } = await target.send(BATCH, () => {}));
  return refusal;
}

it('a request in CBOR has its content type, and its response is read', async () => {
  await using server = await oddServer(inTurn(responseOf(STORED)));
  const { refusal, shardIds } = await targetAt(server.endpoint, 'cbor').send(BATCH, () => {});
  expect({ refusal, shardIds }).toEqual({ refusal: undefined, shardIds: ['shardId-000000000001'] });
  const [{ headers, body }] = server.requests as [ReceivedRequest];
  expect(headers.get('content-type')).toBe('application/x-amz-cbor-1.1');
  expect(body).toBe(
    cborOf({ StreamName: 's', Records: [] }).replace('\x9f', '\x9f\xbf\x64Data\x44data\x6cPartitionKey\x63key\xff'),
  );
});

it("the service's clock is used, even if its errors are in JSON", async () => {
  const service = serviceWith(3_600_000, 'InvalidSignatureException');
  await using server = await oddServer((request) => {
    const write = request.socket.write.bind(request.socket);
    request.socket.write = ((text: string) =>
      write(text.replace(BODY, STORED).replace(`${BODY.length}`, `${STORED.length}`), 'latin1')) as never;
    service(request);
    request.socket.write = write;
  });
  const target = targetAt(server.endpoint, 'cbor');
  for (let n = 0; n < 3; n++) expect((await target.send(BATCH, () => {})).refusal).toBeUndefined();
  expect(server.requests).toHaveLength(4);
});

describe('an error in CBOR has the same meaning as in JSON', () => {
  it.each<[string, Record<string, Output>, readonly string[]]>([
    ['400 Bad Request', { __type: 'ResourceNotFoundException', message: 'no stream' }, []],
    ['400 Bad Request', { __type: 'com.amazonaws.kinesis#LimitExceededException', Message: 'slow' }, []],
    ['400 Bad Request', { __type: 'ProvisionedThroughputExceededException', message: 'ü' }, []],
    ['400 Bad Request', { code: 'ValidationException', message: 'no' }, []],
    ['400 Bad Request', { message: 'who?', more: [1, { a: 'b' }] }, ['x-amzn-ErrorType: UnrecognizedClientException']],
    ['403 Forbidden', { __type: 'ExpiredTokenException', message: 'The security token is expired' }, []],
    ['500 Internal Server Error', { __type: 'InternalFailure' }, []],
    ['503 Service Unavailable', {}, []],
  ])('%s %j', async (status, error, headers) => {
    const inJson = responseOf(Buffer.from(JSON.stringify(error)).toString('latin1'), status, ...headers);
    const wanted = await refusalAfter('json', inJson);
    expect(await refusalAfter('cbor', responseOf(cborOf(error), status, ...headers))).toEqual(wanted);
    // Some services write their errors in JSON, whatever the format of the request.
    expect(await refusalAfter('cbor', inJson)).toEqual(wanted);
  });
});

describe('a service that does not speak CBOR', () => {
  const advice = /^the service does not understand PutRecords in CBOR, pass --wire json to send JSON \(.*\)$/;
  const unknown = '<UnknownOperationException/>';
  it.each([
    ['415 Unsupported Media Type', '', 'HTTP 415'],
    ['415 Unsupported Media Type', HTML, 'HTTP 415'],
    ['400 Bad Request', '{"__type":"SerializationException"}', 'SerializationException'],
    ['400 Bad Request', cborOf({ __type: 'SerializationException', Message: 'm' }), 'SerializationException'],
    ['404 Not Found', unknown, 'HTTP 404'],
    ['400 Bad Request', '{"__type":"UnknownOperationException"}', 'UnknownOperationException'],
    ['200 OK', BODY, 'HTTP 200'],
  ])('ends the run: %s %s', async (status, body, code) => {
    const refusal = await refusalAfter('cbor', responseOf(body, status));
    expect(refusal).toMatchObject({ kind: 'fatal', code });
    expect(refusal!.message).toMatch(advice);
  });

  it.each<[string, string, FailureKind, string]>([
    ['200 OK', HTML, 'retriable', 'UnreadableResponse'],
    ['200 OK', '', 'retriable', 'UnreadableResponse'],
    ['200 OK', '{"Records":[{}]}', 'retriable', 'UnreadableResponse'],
    ['302 Found', HTML, 'retriable', 'UnreadableResponse'],
    ['404 Not Found', HTML, 'permanent', 'HTTP 404'],
    ['500 Internal Server Error', HTML, 'retriable', 'HTTP 500'],
    ['502 Bad Gateway', HTML, 'retriable', 'HTTP 502'],
    ['503 Service Unavailable', HTML, 'retriable', 'HTTP 503'],
    ['504 Gateway Timeout', HTML, 'retriable', 'HTTP 504'],
  ])('is not the same as a gateway with an error page: %s %s', async (status, body, kind, code) => {
    const wanted = { kind, code, mayBeStored: true };
    expect(await refusalAfter('cbor', responseOf(body, status))).toMatchObject(wanted);
    expect(await refusalAfter('cbor', responseOf(STORED), responseOf(body, status))).toMatchObject(wanted);
  });

  it('may have stored the records if it responds to them in JSON', async () => {
    expect(await refusalAfter('cbor', responseOf(BODY))).toMatchObject({ kind: 'fatal', mayBeStored: true });
  });

  it('is not suspected when kload sends JSON', async () => {
    const failed = responseOf('{"__type":"SerializationException","message":"m"}', '400 Bad Request');
    const refusal = { kind: 'permanent', code: 'SerializationException', message: 'm' };
    expect(await refusalAfter('json', failed)).toEqual(refusal);
  });
});
