import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type CertificateExtension, generate } from 'selfsigned';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { KloadError } from '../../src/core/errors.js';
import type { KafkaConnection } from '../../src/kafka/cluster/connection.js';
import { describeTopic } from '../../src/kafka/topic.js';
import { ownAddress } from '../support/address.js';

/** The errors for servers that are not usable Kafka brokers, over real sockets. test/interop has real brokers. */

const PASSWORD = 'hunter2';
const TLS = { ca: undefined, certificate: undefined, key: undefined };
const SASL = { mechanism: 'plain', username: 'alice', password: PASSWORD } as const;

let servers: Server[] = [];
let certificate: { private: string; cert: string };

beforeAll(async () => {
  const named: CertificateExtension = { name: 'subjectAltName', altNames: [{ type: 2, value: 'kafka.example' }] };
  certificate = await generate([{ name: 'commonName', value: 'kafka.example' }], { extensions: [named] });
});

afterEach(async () => {
  for (const server of servers) server.close();
  servers = [];
});

async function listening(server: Server, host = '127.0.0.1'): Promise<string> {
  servers.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  return `${host}:${(server.address() as AddressInfo).port}`;
}

/** A server that calls `respond` for each connection. */
const responding = (respond: (socket: Socket) => void) =>
  createServer((socket) => {
    socket.on('error', () => {});
    respond(socket);
  });

/** An address at which nothing listens. */
async function closedPort(): Promise<string> {
  const server = createServer();
  const address = await listening(server, ownAddress());
  await new Promise((resolve) => server.close(resolve));
  return address;
}

async function refusal(broker: string, more: Partial<KafkaConnection> = {}): Promise<KloadError> {
  const connection = { brokers: broker.split(','), tls: undefined, sasl: undefined, requestTimeoutMs: 5000, ...more };
  const error = await describeTopic(connection, 'orders', () => {}).catch((error: unknown) => error);
  if (!(error instanceof KloadError)) throw error;
  expect(error.exit).toBe('target');
  expect(`${error.message} ${error.hint}`).not.toContain(PASSWORD);
  return error;
}

it('reports that nothing is listening, at one broker or at all', async () => {
  const [one, other] = [await closedPort(), await closedPort()];
  const { message, hint } = await refusal(one, { sasl: SASL });
  expect(message).toBe(`${one} cannot be reached: nothing is listening there (ECONNREFUSED)`);
  expect(hint).toBe('is it running? check --brokers');
  expect((await refusal(`${one},${other}`)).message).toMatch(/^none of the 2 brokers can be used: /);
});

it('writes an IPv6 address as in --brokers', async () => {
  expect((await refusal('[::1]:1')).message).toMatch(/^\[::1\]:1 cannot be reached/);
});

it('reports that a host name cannot be resolved', async () => {
  expect((await refusal('nowhere.invalid:9092')).message).toMatch(/^nowhere\.invalid:9092 cannot be resolved/);
});

it('recognises an HTTP server, and a server that speaks neither Kafka nor HTTP', async () => {
  const http = await listening(createHttpServer((_, response) => response.end('hello')));
  expect((await refusal(http)).message).toBe(`${http} is an HTTP server, not a Kafka broker`);
  const smtp = await listening(responding((socket) => socket.write('220 mail.example ESMTP\r\n')));
  expect((await refusal(smtp)).message).toBe(`${smtp} responds, but is not a Kafka broker`);
});

it('distinguishes a TLS port from an unencrypted one', async () => {
  const tls = await listening(createTlsServer({ key: certificate.private, cert: certificate.cert }));
  expect(await refusal(tls)).toMatchObject({ message: `${tls} accepts encrypted connections only`, hint: 'add --tls' });
  const closing = await listening(responding((socket) => socket.end()));
  expect((await refusal(closing)).message).toBe(`${closing} closes connections without a response`);
  const hint = 'if the port is not encrypted, leave out --tls';
  const silent = `${closing} does not speak TLS`;
  expect(await refusal(closing, { tls: TLS })).toMatchObject({ message: silent, hint });
  const http = await listening(createHttpServer());
  expect(await refusal(http, { tls: TLS })).toMatchObject({ message: `${http} does not speak TLS`, hint });
});

it('distinguishes a certificate that is not trusted from one for another host', async () => {
  const broker = await listening(createTlsServer({ key: certificate.private, cert: certificate.cert }));
  const untrusted = await refusal(broker, { tls: TLS, sasl: SASL });
  expect(untrusted.message).toMatch(/has a certificate that is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/);
  expect(untrusted.hint).toContain('--tls-ca');
  const trusting = { tls: { ...TLS, ca: certificate.cert } };
  expect((await refusal(broker, trusting)).message).toBe(`${broker} has a certificate for another host name`);
  const byName = broker.replace('127.0.0.1', 'localhost');
  const message = `${byName} has a certificate for another host name (DNS:kafka.example)`;
  expect((await refusal(byName, trusting)).message).toBe(message);
});

it('gives up on a server that does not respond', async () => {
  const mute = await listening(responding((socket) => socket.setTimeout(20_000, () => socket.destroy())));
  expect((await refusal(mute, { requestTimeoutMs: 300, tls: TLS })).message).toBe(`${mute} does not respond`);
});
