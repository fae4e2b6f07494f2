import { readFile } from 'node:fs/promises';
import plain from 'kafkajs/src/broker/saslAuthenticator/plain.js';
import scram256 from 'kafkajs/src/broker/saslAuthenticator/scram256.js';
import scram512 from 'kafkajs/src/broker/saslAuthenticator/scram512.js';
import type { KafkaSasl } from './connection.js';
import { secretOfFile } from './security.js';
import { cachedToken, mskToken } from './token.js';

/** No token could be obtained. The broker has not been asked for anything yet. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  /** Any code makes `failureOf` report the target as unreachable, so the send is retried and may find a token. */
  readonly code = 'NO_TOKEN';
}

/** The broker refused the token. The message is the broker's. */
class TokenRefusedError extends Error {
  /** The name that kafkajs uses for the other mechanisms. */
  override readonly name = 'KafkaJSSASLAuthenticationError';
}

/** Sends one SASL message and returns the broker's. kafkajs wants both preceded by their length (INT32). */
interface SaslExchange {
  saslAuthenticate<T>(message: {
    readonly request: { encode(): Promise<Buffer> };
    readonly response: { decode(framed: Buffer): Promise<Buffer>; parse(message: Buffer): Promise<T> };
  }): Promise<T>;
}

type Provider = (exchange: SaslExchange) => { authenticate(): Promise<void> };

const PROVIDERS = {
  plain: plain as (sasl: object) => Provider,
  'scram-sha-256': scram256 as (sasl: object) => Provider,
  'scram-sha-512': scram512 as (sasl: object) => Provider,
};

const NO_RESPONSE = new Set(['KafkaJSConnectionError', 'KafkaJSConnectionClosedError', 'KafkaJSRequestTimeoutError']);

/** The `sasl` option for kafkajs; undefined for no authentication. */
export function saslOptions(sasl: KafkaSasl | undefined): object | undefined {
  if (sasl === undefined) return undefined;
  switch (sasl.mechanism) {
    case 'oauthbearer': {
      const { token } = sasl;
      return bearerOptions(() => (typeof token === 'string' ? Promise.resolve(token) : tokenOfFile(token.file)));
    }
    case 'aws-msk-iam': {
      const { region, profile } = sasl;
      return bearerOptions(cachedToken(() => mskToken(region, profile)));
    }
    default:
      return { ...sasl, authenticationProvider: keepingNetworkErrors(PROVIDERS[sasl.mechanism](sasl)) };
  }
}

/**
 * Rethrows the network error of a login that got no response. kafkajs reports a lost connection or a timeout during a
 * login as a refused login, which would end a run.
 */
function keepingNetworkErrors(provider: Provider): Provider {
  return (exchange) => {
    let networkError: unknown;
    const saslAuthenticate: SaslExchange['saslAuthenticate'] = async (message) => {
      try {
        return await exchange.saslAuthenticate(message);
      } catch (error) {
        if (error instanceof Error && NO_RESPONSE.has(error.name)) networkError = error;
        throw error;
      }
    };
    const { authenticate } = provider({ ...exchange, saslAuthenticate });
    return {
      authenticate: () =>
        authenticate().catch((error: unknown) => {
          throw networkError ?? error;
        }),
    };
  };
}

async function tokenOfFile(file: string): Promise<string> {
  const token = secretOfFile(await readFile(file, 'utf8'));
  if (token === '') throw new Error(`${file} is empty`);
  return token;
}

/** Logs in with OAUTHBEARER and reads the response: kafkajs's own provider takes a refused token for a success. */
function bearerOptions(tokenNow: () => Promise<string>): object {
  const authenticationProvider: Provider = ({ saslAuthenticate }) => ({
    authenticate: async () => {
      const token = await tokenNow().catch((cause: unknown) => {
        throw new TokenError(cause instanceof Error ? cause.message : String(cause), { cause });
      });
      const send = (text: string) =>
        saslAuthenticate({ request: { encode: async () => framed(text) }, response: RESPONSE });
      const challenge = await send(`n,,\x01auth=Bearer ${token}\x01\x01`);
      if (challenge.length === 0) return;
      // RFC 7628: a refusal is a challenge that holds the reason. The login fails once the client has replied.
      await send('\x01').catch(() => {});
      throw new TokenRefusedError(challenge.toString());
    },
  });
  return { mechanism: 'oauthbearer', authenticationProvider };
}

const RESPONSE = {
  decode: async (framedMessage: Buffer) => framedMessage.subarray(4),
  parse: async (message: Buffer) => message,
};

function framed(text: string): Buffer {
  const bytes = Buffer.from(text);
  const frame = Buffer.alloc(4 + bytes.length);
  frame.writeInt32BE(bytes.length);
  bytes.copy(frame, 4);
  return frame;
}
