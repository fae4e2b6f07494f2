import type { BrokerConnection } from '../cluster/cluster.js';
import { API_KEY, API_VERSION, CORRELATION_ID_AT } from '../wire/produce.js';

/**
 * Sends a Produce request that is complete except for its correlation id. It does not use kafkajs's `send`, which
 * copies the request twice and, if no response is expected, does not wait until the socket has taken it. It does use
 * kafkajs's request queue, which handles timeouts and throttling by the broker's quotas.
 *
 * @param request must not change until the promise settles
 * @param onOffered called when the request is written to the socket
 * @returns the response; undefined if none is expected, once the request has been passed to the system
 * @throws errors of kafkajs or of the system
 */
export async function exchange(
  connection: BrokerConnection,
  request: Buffer,
  expectResponse: boolean,
  onOffered: () => void,
): Promise<Buffer | undefined> {
  await renewSession(connection);
  connection.failIfNotConnected();
  const correlationId = connection.nextCorrelationId();
  request.writeInt32BE(correlationId, CORRELATION_ID_AT);
  return new Promise((resolve, reject) => {
    const responded = ({ payload }: { payload: Buffer }) => {
      if (expectResponse) resolve(payload);
    };
    const written = (error: Error | null | undefined) => {
      // A socket that is already closed emits no event, so kafkajs would not reject its other requests.
      if (error) connection.requestQueue.rejectAll(error);
      if (error) reject(error);
      else if (!expectResponse) resolve(undefined);
    };
    const failed = (error: Error) => {
      // The other requests on this connection wait behind a response that may never come: let them fail and reconnect.
      if (error.name === 'KafkaJSRequestTimeoutError') connection.socket.destroy(timeoutError(error));
      reject(error);
    };
    const ids = { apiKey: API_KEY, apiVersion: API_VERSION, apiName: 'Produce', correlationId };
    connection.requestQueue.push({
      entry: { ...ids, resolve: responded, reject: failed },
      expectResponse,
      requestTimeout: null,
      sendRequest: () => {
        connection.socket.write(request, written);
        onOffered();
      },
    });
  });
}

/**
 * Renews a session that is about to expire. It first waits for all pending responses: kafkajs takes the next response
 * for that of the login.
 */
export async function renewSession(connection: BrokerConnection): Promise<void> {
  if (connection.sasl === null || connection.isAuthenticated() || !connection.isConnected()) return;
  await connection.requestQueue.waitForPendingRequests();
  await connection.authenticate();
}

function timeoutError({ message }: Error): Error {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}
