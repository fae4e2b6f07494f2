import type { KafkaConnection } from './connection.js';
import { openCluster } from './open-cluster.js';

const SASL_HANDSHAKE = { apiKey: 17, apiVersion: 1, apiName: 'SaslHandshake' };
/** Any will do: the answer names all that are enabled, whichever was asked for. */
const ASKED = Buffer.from('\0\x05PLAIN');

/** The mechanisms that a cluster's brokers let log in by, as they name them. kafkajs keeps that to itself. */
export async function enabledMechanisms(connection: KafkaConnection): Promise<readonly string[]> {
  const cluster = openCluster({ ...connection, sasl: undefined });
  try {
    await cluster.connect();
    const answer = await cluster.brokerPool.seedBroker?.connectionPool.send({
      // kafkajs looks for its encoder by the first of these, and reads the second.
      request: { ...SASL_HANDSHAKE, encode: async () => ({ buf: ASKED, buffer: ASKED }) },
      response: { decode: async (payload) => namesIn(payload), parse: async (names) => names },
    });
    return answer ?? [];
  } finally {
    await cluster.disconnect();
  }
}

/** error_code INT16, then an array of STRING. */
function namesIn(payload: Buffer): readonly string[] {
  const names: string[] = [];
  let at = 6;
  for (let left = payload.readInt32BE(2); left > 0; left--) {
    const end = at + 2 + payload.readInt16BE(at);
    names.push(payload.toString('utf8', at + 2, end));
    at = end;
  }
  return names;
}
