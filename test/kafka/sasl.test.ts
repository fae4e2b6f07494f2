import errors from 'kafkajs/src/errors.js';
import { expect, it } from 'vitest';
import type { KafkaSasl } from '../../src/kafka/cluster/connection.js';
import { saslOptions } from '../../src/kafka/cluster/sasl.js';
import { failureOf } from '../../src/kafka/errors/failures.js';

const { KafkaJSConnectionClosedError, KafkaJSProtocolError, KafkaJSRequestTimeoutError } = errors;

/** The failure of a login whose exchange with the broker fails with `error`. */
async function login(mechanism: KafkaSasl['mechanism'], error: Error) {
  const options = saslOptions({ mechanism, username: 'u', password: 'p' } as KafkaSasl) as {
    authenticationProvider(exchange: object): { authenticate(): Promise<void> };
  };
  const logger = { debug: () => {}, error: () => {} };
  const saslAuthenticate = () => Promise.reject(error);
  const { authenticate } = options.authenticationProvider({ host: 'b', port: 9092, logger, saslAuthenticate });
  return failureOf(await authenticate().catch((thrown: unknown) => thrown));
}

it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
  'a login by %s is fatal if the broker refuses it, and unreachable if the broker goes away',
  async (mechanism) => {
    const address = { broker: 'b:9092', host: 'b', port: 9092 };
    const refused = new KafkaJSProtocolError({ type: 'SASL_AUTHENTICATION_FAILED', code: 58, message: 'wrong' });
    expect(await login(mechanism, refused)).toMatchObject({ kind: 'fatal', code: 'SASL_AUTHENTICATION_FAILED' });
    const closed = new KafkaJSConnectionClosedError('Closed connection', address);
    expect(await login(mechanism, closed)).toMatchObject({ kind: 'unreachable' });
    const late = new KafkaJSRequestTimeoutError('timed out', address);
    expect(await login(mechanism, late)).toMatchObject({ kind: 'unreachable' });
  },
);
