import http from 'node:http';
import https from 'node:https';
import { KinesisClient, type KinesisClientConfig } from '@aws-sdk/client-kinesis';
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler';
import type { KinesisConnection } from './connection.js';
import { credentialSource, SILENT } from './credentials.js';
import { recoverOnce } from './recovery.js';
import { tunnelled, tunnelledSession } from './tunnel-agents.js';

export { type Identity, type KinesisConnection, LOCAL_CREDENTIALS, type StreamAddress } from './connection.js';

const CONNECT_TIMEOUT_MAX_MS = 5_000;

/**
 * Creates a client that makes one attempt per call, and a second one after it got new keys or corrected its clock.
 * kload does all other retries, because the SDK's would hide throttling. The client speaks HTTP/1.1 with keep-alive;
 * the SDK's default for Kinesis, HTTP/2, opens a session for every call.
 *
 * @param connectionsMax the limit on concurrent requests
 */
export function createKinesisClient(connection: KinesisConnection, connectionsMax: number): KinesisClient {
  return clientWith(connection, httpHandler(connection, connectionsMax));
}

function httpHandler(connection: KinesisConnection, connectionsMax: number): NodeHttpHandler {
  const { ca, usesProxies } = connection;
  const agent = { keepAlive: true, maxSockets: connectionsMax };
  const tlsAgent = { ...agent, ...(ca === undefined ? {} : { ca }) };
  const timeoutMs = connectTimeoutMs(connection);
  return new NodeHttpHandler({
    httpAgent: usesProxies ? tunnelled(new http.Agent(agent), timeoutMs) : agent,
    httpsAgent: usesProxies ? tunnelled(new https.Agent(tlsAgent), timeoutMs) : tlsAgent,
    connectionTimeout: timeoutMs,
    requestTimeout: connection.requestTimeoutMs,
    throwOnRequestTimeout: true,
    logger: SILENT,
  });
}

export function connectTimeoutMs({ requestTimeoutMs }: KinesisConnection): number {
  return Math.min(CONNECT_TIMEOUT_MAX_MS, requestTimeoutMs);
}

/**
 * Creates a client for SubscribeToShard, which needs HTTP/2. Each subscription gets its own session.
 *
 * @param eventStreamSerdeProvider how the SDK reads the stream's events
 */
export function createFanOutClient(
  connection: KinesisConnection,
  eventStreamSerdeProvider: NonNullable<KinesisClientConfig['eventStreamSerdeProvider']>,
): KinesisClient {
  const nodeHttp2ConnectOptions = tunnelledSession(connectTimeoutMs(connection), connection.ca);
  const handler = new NodeHttp2Handler({ disableConcurrentStreams: true, nodeHttp2ConnectOptions });
  return clientWith(connection, handler, { eventStreamSerdeProvider });
}

function clientWith(
  connection: KinesisConnection,
  requestHandler: NodeHttpHandler | NodeHttp2Handler,
  more: KinesisClientConfig = {},
): KinesisClient {
  // The SDK's warning about old versions of Node.js would be printed across the dashboard.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const { region, profile, endpoint, useFipsEndpoint, useDualstackEndpoint, credentials } = connection;
  const client = new KinesisClient({
    region,
    ...(profile === undefined ? {} : { profile }),
    // The SDK need not look for an endpoint in the configuration: `connectionFrom` has done so.
    ...(endpoint === undefined ? { ignoreConfiguredEndpointUrls: true } : { endpoint }),
    useFipsEndpoint,
    useDualstackEndpoint,
    credentials: credentials ?? credentialSource(connection, httpHandler(connection, 1)),
    maxAttempts: 1,
    requestHandler,
    ...more,
  });
  recoverOnce(client);
  return client;
}
