import type { BrokerConnection } from '../cluster/cluster.js';
import { API_KEY, API_VERSION, CORRELATION_ID_AT } from '../wire/produce-request.js';

/**
 * Sends a Produce request that is complete but for its correlation id. Past kafkajs's `send`, which would copy it twice, and
 * waits for no socket where no answer is expected; its queue, which holds timeouts and what a broker's quota asks for, is used.
 *
 * @param request stays as it is until this is settled
 * @param handing called when the request goes to the socket
 * @returns the answer; undefined where none is expected: then when the system has the request
 * @throws kafkajs's errors, or the system's
 */
export async function exchange(
  connection: BrokerConnection,
  request: Buffer,
  expectResponse: boolean,
  handing: () => void,
): Promise<Buffer | undefined> {
  await renewSession(connection);
  connection.failIfNotConnected();
  const correlationId = connection.nextCorrelationId();
  request.writeInt32BE(correlationId, CORRELATION_ID_AT);
  return new Promise((resolve, reject) => {
    const answered = ({ payload }: { payload: Buffer }) => {
      if (expectResponse) resolve(payload);
    };
    const written = (error: Error | null | undefined) => {
      // A socket that is gone already says so to nobody else.
      if (error) connection.requestQueue.rejectAll(error);
      if (error) reject(error);
      else if (!expectResponse) resolve(undefined);
    };
    const failed = (error: Error) => {
      // What is under way on this connection waits behind an answer that may never come: another one may serve.
      if (error.name === 'KafkaJSRequestTimeoutError') connection.socket.destroy(unanswered(error));
      reject(error);
    };
    const ids = { apiKey: API_KEY, apiVersion: API_VERSION, apiName: 'Produce', correlationId };
    connection.requestQueue.push({
      entry: { ...ids, resolve: answered, reject: failed },
      expectResponse,
      requestTimeout: null,
      sendRequest: () => {
        connection.socket.write(request, written);
        handing();
      },
    });
  });
}

/** A session that is about to expire is renewed when all answers are there: kafkajs takes the next one for its own. */
export async function renewSession(connection: BrokerConnection): Promise<void> {
  if (connection.sasl === null || connection.isAuthenticated() || !connection.isConnected()) return;
  await connection.requestQueue.waitForPendingRequests();
  await connection.authenticate();
}

function unanswered({ message }: Error): Error {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}
