import { createServer } from 'node:net';

/**
 * A server that takes PutRecords over HTTP/1.1 and keeps nothing: `null-sink.js RECORDS`. It reads no further than to where
 * each request ends, and writes the same answer to all, with as many results: what is measured is who asks. Prints its port.
 */

const RESULT =
  '{"SequenceNumber":"49590338271490256608559692538361571095921575989136588898","ShardId":"shardId-000000000000"}';
const SUMMARY = '{"StreamDescriptionSummary":{"StreamName":"null","StreamStatus":"ACTIVE","OpenShardCount":1}}';

const records = Number(process.argv[2]);
const results = Array.from({ length: records }, () => RESULT).join(',');
const taken = answerOf(`{"FailedRecordCount":0,"Records":[${results}]}`);
const described = answerOf(SUMMARY);

const server = createServer((socket) => {
  let head = '';
  let bodyBytesLeft = 0;
  let answer = taken;
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
        answer = /^x-amz-target: .*PutRecords\r?$/im.test(head) ? taken : described;
        head = '';
      }
      const taking = Math.min(bodyBytesLeft, chunk.length - at);
      at += taking;
      bodyBytesLeft -= taking;
      if (bodyBytesLeft === 0) socket.write(answer);
    }
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`port ${typeof address === 'object' ? address?.port : ''}\n`);
});

/** @param {string} body */
function answerOf(body) {
  const head = [
    'HTTP/1.1 200 OK',
    'x-amzn-RequestId: 6f6fbd6e-0a3c-4a3a-9a3e-000000000000',
    `Date: ${new Date().toUTCString()}`,
    'Content-Type: application/x-amz-json-1.1',
    `Content-Length: ${body.length}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
