import type { KafkaConnection } from './connection.js';
import { openCluster } from './open-cluster.js';

const SASL_HANDSHAKE = { apiKey: 17, apiVersion: 1, apiName: 'SaslHandshake' };
/**
 * ```
 * SaslHandshake request (version 1)
 *   mechanism  STRING (INT16 length, bytes)
 * ```
 * Any mechanism will do: the response lists all enabled ones, whether or not the requested one is among them.
 */
const HANDSHAKE = Buffer.from('\0\x05PLAIN');

/** The SASL mechanisms that a cluster's brokers have enabled, by Kafka's names. kafkajs does not expose the list. */
export async function enabledMechanisms(connection: KafkaConnection): Promise<readonly string[]> {
  const cluster = openCluster({ ...connection, sasl: undefined });
  try {
    await cluster.connect();
    const mechanisms = await cluster.brokerPool.seedBroker?.connectionPool.send({
      request: { ...SASL_HANDSHAKE, encode: async () => ({ buf: HANDSHAKE, buffer: HANDSHAKE }) },
      response: { decode: async (payload) => decodeMechanisms(payload), parse: async (names) => names },
    });
    return mechanisms ?? [];
  } finally {
    await cluster.disconnect();
  }
}

/**
 * ```
 * SaslHandshake response (version 1)
 *   error_code  INT16
 *   mechanisms  ARRAY (INT32 count) of STRING (INT16 length, bytes)
 * ```
 */
function decodeMechanisms(payload: Buffer): readonly string[] {
  const names: string[] = [];
  let at = 6;
  for (let left = payload.readInt32BE(2); left > 0; left--) {
    const end = at + 2 + payload.readInt16BE(at);
    names.push(payload.toString('utf8', at + 2, end));
    at = end;
  }
  return names;
}
