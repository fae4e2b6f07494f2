import { type AddressInfo, createServer } from 'node:net';

/**
 * A server that accepts PutRecords over HTTP/1.1 and keeps nothing: `null-sink RECORDS`. To use little processor
 * time, it finds only the end of each request, and sends the same response to all, with RECORDS results, in JSON or
 * CBOR. Prints its port.
 */

const JSON_TYPE = 'application/x-amz-json-1.1';
const CBOR_TYPE = 'application/x-amz-cbor-1.1';

const RESULT = {
  SequenceNumber: '49590338271490256608559692538361571095921575989136588898',
  ShardId: 'shardId-000000000000',
};
const SUMMARY = '{"StreamDescriptionSummary":{"StreamName":"null","StreamStatus":"ACTIVE","OpenShardCount":1}}';

const records = Number(process.argv[2]);
const output = { FailedRecordCount: 0, Records: Array.from({ length: records }, () => RESULT) };
const putJson = responseOf(Buffer.from(JSON.stringify(output)), JSON_TYPE);
const putCbor = responseOf(cborOf(output), CBOR_TYPE);
const described = responseOf(Buffer.from(SUMMARY), JSON_TYPE);

const server = createServer((socket) => {
  let head = '';
  let bodyBytesLeft = 0;
  let response = described;
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (bodyBytesLeft === 0) {
        const end = chunk.indexOf('\r\n\r\n', at);
        head += chunk.toString('latin1', at, end < 0 ? chunk.length : end);
        if (end < 0) return;
        at = end + 4;
        bodyBytesLeft = Number(/^content-length: (\d+)/im.exec(head)?.[1]);
        const put = head.includes(CBOR_TYPE) ? putCbor : putJson;
        response = /^x-amz-target: .*PutRecords\r?$/im.test(head) ? put : described;
        head = '';
      }
      const taking = Math.min(bodyBytesLeft, chunk.length - at);
      at += taking;
      bodyBytesLeft -= taking;
      if (bodyBytesLeft === 0) socket.write(response);
    }
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`);
});

function responseOf(body: Buffer, contentType: string) {
  const head = [
    'HTTP/1.1 200 OK',
    'x-amzn-RequestId: 6f6fbd6e-0a3c-4a3a-9a3e-000000000000',
    `Date: ${new Date().toUTCString()}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

/**
 * Encodes a value as the service does: maps and lists have indefinite lengths.
 *
 * @param value zero, a string of less than 256 bytes, an array, or an object
 */
function cborOf(value: unknown): Buffer {
  if (value === 0) return Buffer.of(0x00);
  if (typeof value === 'string') {
    const head = value.length < 24 ? [0x60 + value.length] : [0x78, value.length];
    return Buffer.concat([Buffer.from(head), Buffer.from(value)]);
  }
  const parts = Array.isArray(value) ? value : Object.entries(value ?? {}).flat();
  return Buffer.concat([Buffer.of(Array.isArray(value) ? 0x9f : 0xbf), ...parts.map(cborOf), Buffer.of(0xff)]);
}
