import { KinesisClient } from '@aws-sdk/client-kinesis';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler';

/** How to reach a stream: plain, so that it crosses to the workers. What is undefined comes from the SDK's own chain. */
export interface KinesisConnection {
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly endpoint: string | undefined;
  readonly stream: StreamAddress;
  /** A request that takes longer was lost. */
  readonly requestTimeoutMs: number;
  /** Fixed credentials, for the embedded emulator; undefined: the SDK's chain. */
  readonly credentials: Identity | undefined;
}

export type StreamAddress = { readonly StreamName: string } | { readonly StreamARN: string };

/** Who asks. */
export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What any emulator takes. */
export const LOCAL_CREDENTIALS: Identity = { accessKeyId: 'local', secretAccessKey: 'local' };

const CONNECT_TIMEOUT_MAX_MS = 5_000;

/**
 * A client that does one attempt per call: retries are kload's, for the SDK's would hide throttling. Plain HTTP/1.1 with
 * keep-alive: the SDK's own default for Kinesis, HTTP/2, opens a session for every call.
 *
 * @param connectionsMax requests that are in flight at once
 */
export function createKinesisClient(connection: KinesisConnection, connectionsMax: number): KinesisClient {
  const agent = { keepAlive: true, maxSockets: connectionsMax };
  return clientWith(
    connection,
    new NodeHttpHandler({
      httpAgent: agent,
      httpsAgent: agent,
      connectionTimeout: connectTimeoutMs(connection),
      requestTimeout: connection.requestTimeoutMs,
      throwOnRequestTimeout: true,
    }),
  );
}

export function connectTimeoutMs({ requestTimeoutMs }: KinesisConnection): number {
  return Math.min(CONNECT_TIMEOUT_MAX_MS, requestTimeoutMs);
}

/** A client for SubscribeToShard, which the service answers over HTTP/2 alone; each subscription has a session of its own. */
export function createFanOutClient(connection: KinesisConnection): KinesisClient {
  return clientWith(connection, new NodeHttp2Handler({ disableConcurrentStreams: true }));
}

function clientWith(connection: KinesisConnection, requestHandler: NodeHttpHandler | NodeHttp2Handler): KinesisClient {
  // What the SDK has to say about the Node.js of next year would stand in the middle of the dashboard.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const { region, profile, endpoint } = connection;
  return new KinesisClient({
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
    credentials: credentialsFor(connection),
    maxAttempts: 1,
    requestHandler,
  });
}

/** The endpoint that the user set by flag or by the SDK's environment variables; undefined: AWS's own. */
export function endpointOf(flag: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  if (flag !== undefined) return flag;
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return undefined;
  return env.AWS_ENDPOINT_URL_KINESIS || env.AWS_ENDPOINT_URL || undefined;
}

/**
 * The SDK's chain. An emulator on this machine takes any credentials, so there the lack of any is no error, and the
 * chain's last step, a call to the metadata service of a cloud machine, is left out.
 */
function credentialsFor(connection: KinesisConnection) {
  if (connection.credentials !== undefined) return connection.credentials;
  const init = connection.profile === undefined ? {} : { profile: connection.profile };
  if (connection.endpoint === undefined || !isLoopback(connection.endpoint)) return defaultProvider(init);
  process.env.AWS_EC2_METADATA_DISABLED ??= 'true';
  const chain = defaultProvider(init);
  return async () => {
    try {
      return await chain();
    } catch (error) {
      if (connection.profile === undefined && isCredentialsError(error)) return LOCAL_CREDENTIALS;
      throw error;
    }
  };
}

export function isCredentialsError(error: unknown): boolean {
  return error instanceof Error && /^(CredentialsProvider|TokenProvider|Provider)Error$/.test(error.name);
}

function isLoopback(endpoint: string): boolean {
  const host = URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
  return host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}
