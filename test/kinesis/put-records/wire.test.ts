import { describe, expect, it, onTestFinished } from 'vitest';
import type { FailureKind } from '../../../src/core/failure.js';
import { writeCbor } from '../../../src/emulator/protocol/cbor-writer.js';
import type { Output } from '../../../src/emulator/protocol/output.js';
import type { WireName } from '../../../src/kinesis/put-records/wire.js';
import { KinesisTarget } from '../../../src/kinesis/target.js';
import { type Asked, answerOf, BATCH, BODY, connectionTo, oddServer, serviceWith } from './support/odd-server.js';

const TAKEN = cborOf({ FailedRecordCount: 0, Records: [{ SequenceNumber: '1', ShardId: 'shardId-000000000001' }] });
const HTML = '<html>Bad gateway</html>';

function cborOf(answer: Output): string {
  return writeCbor(answer).toString('latin1');
}

function targetAt(endpoint: string, wire: WireName): KinesisTarget {
  const target = new KinesisTarget(connectionTo(endpoint), wire);
  onTestFinished(() => target.close());
  return target;
}

/** Answers these, one after the other. */
function inTurn(...answers: readonly string[]): (asked: Asked) => void {
  return ({ socket, number }) => {
    socket.write(answers[number - 1]!, 'latin1');
  };
}

/** What the last of the answers means to a target that had all of them. */
async function refusalAfter(wire: WireName, ...answers: readonly string[]) {
  await using server = await oddServer(inTurn(...answers));
  const target = targetAt(server.endpoint, wire);
  let refusal: Awaited<ReturnType<KinesisTarget['send']>>['refusal'];
  for (const _ of answers) ({ refusal } = await target.send(BATCH, () => {}));
  return refusal;
}

it('a request in CBOR says so, and its answer is read', async () => {
  await using server = await oddServer(inTurn(answerOf(TAKEN)));
  const { refusal, shardIds } = await targetAt(server.endpoint, 'cbor').send(BATCH, () => {});
  expect({ refusal, shardIds }).toEqual({ refusal: undefined, shardIds: ['shardId-000000000001'] });
  const [{ headers, body }] = server.asked as [Asked];
  expect(headers.get('content-type')).toBe('application/x-amz-cbor-1.1');
  expect(body).toBe(
    cborOf({ StreamName: 's', Records: [] }).replace('\x9f', '\x9f\xbf\x64Data\x44data\x6cPartitionKey\x63key\xff'),
  );
});

it('the clock of the service is kept to, whatever the format of its errors', async () => {
  const service = serviceWith(3_600_000, 'InvalidSignatureException');
  await using server = await oddServer((asked) => {
    const write = asked.socket.write.bind(asked.socket);
    asked.socket.write = ((text: string) =>
      write(text.replace(BODY, TAKEN).replace(`${BODY.length}`, `${TAKEN.length}`), 'latin1')) as never;
    service(asked);
    asked.socket.write = write;
  });
  const target = targetAt(server.endpoint, 'cbor');
  for (let n = 0; n < 3; n++) expect((await target.send(BATCH, () => {})).refusal).toBeUndefined();
  expect(server.asked).toHaveLength(4);
});

describe('an error in CBOR means what it means in JSON', () => {
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
    const inJson = answerOf(Buffer.from(JSON.stringify(error)).toString('latin1'), status, ...headers);
    const wanted = await refusalAfter('json', inJson);
    expect(await refusalAfter('cbor', answerOf(cborOf(error), status, ...headers))).toEqual(wanted);
    // There are services that write their errors in JSON, whatever they are asked in.
    expect(await refusalAfter('cbor', inJson)).toEqual(wanted);
  });
});

describe('who does not speak CBOR', () => {
  const told = /^PutRecords in CBOR was not understood, pass --wire json to send JSON \(.*\)$/;
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
    const refusal = await refusalAfter('cbor', answerOf(body, status));
    expect(refusal).toMatchObject({ kind: 'fatal', code });
    expect(refusal!.message).toMatch(told);
  });

  it.each<[string, string, FailureKind, string]>([
    ['200 OK', HTML, 'retriable', 'UnreadableAnswer'],
    ['200 OK', '', 'retriable', 'UnreadableAnswer'],
    ['200 OK', '{"Records":[{}]}', 'retriable', 'UnreadableAnswer'],
    ['302 Found', HTML, 'retriable', 'UnreadableAnswer'],
    ['404 Not Found', HTML, 'permanent', 'HTTP 404'],
    ['500 Internal Server Error', HTML, 'retriable', 'HTTP 500'],
    ['502 Bad Gateway', HTML, 'retriable', 'HTTP 502'],
    ['503 Service Unavailable', HTML, 'retriable', 'HTTP 503'],
    ['504 Gateway Timeout', HTML, 'retriable', 'HTTP 504'],
  ])('is not a gateway with a page of its own: %s %s', async (status, body, kind, code) => {
    const wanted = { kind, code, mayBeStored: true };
    expect(await refusalAfter('cbor', answerOf(body, status))).toMatchObject(wanted);
    expect(await refusalAfter('cbor', answerOf(TAKEN), answerOf(body, status))).toMatchObject(wanted);
  });

  it('leaves doubt where it took the request and responded in JSON', async () => {
    expect(await refusalAfter('cbor', answerOf(BODY))).toMatchObject({ kind: 'fatal', mayBeStored: true });
  });

  it('is no question where JSON is sent', async () => {
    const failed = answerOf('{"__type":"SerializationException","message":"m"}', '400 Bad Request');
    const refusal = { kind: 'permanent', code: 'SerializationException', message: 'm' };
    expect(await refusalAfter('json', failed)).toEqual(refusal);
  });
});
