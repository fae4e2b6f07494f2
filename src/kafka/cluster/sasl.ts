import { readFile } from 'node:fs/promises';
import plain from 'kafkajs/src/broker/saslAuthenticator/plain.js';
import scram256 from 'kafkajs/src/broker/saslAuthenticator/scram256.js';
import scram512 from 'kafkajs/src/broker/saslAuthenticator/scram512.js';
import type { KafkaSasl } from './connection.js';
import { mskToken } from './msk-iam.js';
import { secretOfFile } from './security.js';
import { reusedToken } from './token.js';

/** The token could not be had: nobody was asked yet. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  /** For whoever sends: nothing was answered, and the next attempt may have one. */
  readonly code = 'NO_TOKEN';
}

/** The broker did not take the token, and says why in its own words. */
class TokenRefusedError extends Error {
  /** As kafkajs names it for the other mechanisms. */
  override readonly name = 'KafkaJSSASLAuthenticationError';
}

/** One message of a login there, and the answer back; both as kafkajs takes them: behind their length. */
interface Exchange {
  saslAuthenticate<T>(message: {
    readonly request: { encode(): Promise<Buffer> };
    readonly response: { decode(framed: Buffer): Promise<Buffer>; parse(answer: Buffer): Promise<T> };
  }): Promise<T>;
}

type Provider = (exchange: Exchange) => { authenticate(): Promise<void> };

const PROVIDERS = {
  plain: plain as (sasl: object) => Provider,
  'scram-sha-256': scram256 as (sasl: object) => Provider,
  'scram-sha-512': scram512 as (sasl: object) => Provider,
};

const UNANSWERED = new Set(['KafkaJSConnectionError', 'KafkaJSConnectionClosedError', 'KafkaJSRequestTimeoutError']);

/** The login as kafkajs takes it; undefined where there is none. */
export function saslOptions(sasl: KafkaSasl | undefined): object | undefined {
  if (sasl === undefined) return undefined;
  switch (sasl.mechanism) {
    case 'oauthbearer': {
      const { token } = sasl;
      return bearerOptions(() => (typeof token === 'string' ? Promise.resolve(token) : tokenOfFile(token.file)));
    }
    case 'aws-msk-iam': {
      const { region, profile } = sasl;
      return bearerOptions(reusedToken(() => mskToken(region, profile)));
    }
    default:
      return { ...sasl, authenticationProvider: answeredOnly(PROVIDERS[sasl.mechanism](sasl)) };
  }
}

/** kafkajs takes a broker that goes away during a login, or is too slow, for one that refuses it: that would end a run. */
function answeredOnly(provider: Provider): Provider {
  return (exchange) => {
    let unanswered: unknown;
    const saslAuthenticate: Exchange['saslAuthenticate'] = async (message) => {
      try {
        return await exchange.saslAuthenticate(message);
      } catch (error) {
        if (error instanceof Error && UNANSWERED.has(error.name)) unanswered = error;
        throw error;
      }
    };
    const { authenticate } = provider({ ...exchange, saslAuthenticate });
    return {
      authenticate: () =>
        authenticate().catch((error: unknown) => {
          throw unanswered ?? error;
        }),
    };
  };
}

async function tokenOfFile(file: string): Promise<string> {
  const token = secretOfFile(await readFile(file, 'utf8'));
  if (token === '') throw new Error(`${file} is empty`);
  return token;
}

/** kafkajs takes a broker's refusal of a token for its consent, and then wonders at a closed connection; so this reads the answer. */
function bearerOptions(tokenNow: () => Promise<string>): object {
  const authenticationProvider: Provider = ({ saslAuthenticate }) => ({
    authenticate: async () => {
      const token = await tokenNow().catch((cause: unknown) => {
        throw new TokenError(cause instanceof Error ? cause.message : String(cause), { cause });
      });
      const send = (text: string) =>
        saslAuthenticate({ request: { encode: async () => framed(text) }, response: ANSWER });
      const challenge = await send(`n,,\x01auth=Bearer ${token}\x01\x01`);
      if (challenge.length === 0) return;
      // RFC 7628: the reason comes as a challenge, and the login has failed when that was answered.
      await send('\x01').catch(() => {});
      throw new TokenRefusedError(challenge.toString());
    },
  });
  return { mechanism: 'oauthbearer', authenticationProvider };
}

const ANSWER = {
  decode: async (framedAnswer: Buffer) => framedAnswer.subarray(4),
  parse: async (answer: Buffer) => answer,
};

function framed(text: string): Buffer {
  const bytes = Buffer.from(text);
  const frame = Buffer.alloc(4 + bytes.length);
  frame.writeInt32BE(bytes.length);
  bytes.copy(frame, 4);
  return frame;
}
