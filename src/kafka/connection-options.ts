import { formatBrokerAddress, parseBrokerAddress } from '../core/kafka-access.js';
import { section } from '../options/option.js';
import { ignoringCase, oneOf, type ReadValue, text, ValueError } from '../options/values.js';

/** A broker that is named twice is kept once. */
const brokers: ReadValue<readonly string[]> = (list) => {
  const names = list.split(',').map((name) => name.trim());
  return [...new Set(names.map(brokerOf))];
};

function brokerOf(name: string): string {
  const address = parseBrokerAddress(name);
  if (address !== undefined) return formatBrokerAddress(address);
  // The text before an '@' may hold a password.
  const shown = name.includes('@') ? 'an address with a user' : `'${name}'`;
  throw new ValueError(`takes brokers as host:9092, separated by commas (IPv6: [::1]:9092), not ${shown}`);
}

/** Kafka's own rules for topic names. */
const topic: ReadValue<string> = (name) => {
  if (/^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..') return name;
  throw new ValueError(`takes the name of a topic (up to 249 letters, digits, and any of ._-), not '${name}'`);
};

/** How to connect to a Kafka cluster. No flag takes a secret, because `ps` shows flags. */
export const KAFKA_CONNECTION_OPTIONS = section('Kafka', {
  brokers: {
    flags: '--brokers <list>',
    help: 'bootstrap brokers, as host:9092,host:9092; one that responds is enough',
    schema: brokers,
  },
  topic: {
    flags: '--topic <name>',
    help: 'topic name; the topic must exist',
    schema: topic,
  },
  tls: {
    flags: '--tls',
    help: "encrypt connections and verify the brokers' certificates",
  },
  tlsCa: {
    flags: '--tls-ca <file>',
    help: "CA certificates to verify the brokers' certificates with, in PEM; implies --tls",
    defaultText: "Node.js's own, plus NODE_EXTRA_CA_CERTS",
    schema: text,
  },
  tlsCert: {
    flags: '--tls-cert <file>',
    help: 'client certificate with its chain, in PEM; implies --tls',
    schema: text,
  },
  tlsKey: {
    flags: '--tls-key <file>',
    help: 'private key of --tls-cert, in PEM; if it is encrypted, the passphrase is read from KLOAD_TLS_KEY_PASSPHRASE',
    schema: text,
  },
  sasl: {
    flags: '--sasl <mechanism>',
    help: 'SASL mechanism: plain, scram-sha-256, scram-sha-512, oauthbearer, or aws-msk-iam (uses AWS credentials)',
    defaultText: 'no authentication',
    schema: ignoringCase(oneOf('plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer', 'aws-msk-iam')),
  },
  saslUsername: {
    flags: '--sasl-username <name>',
    help: 'user name for plain and scram; the password is read from KLOAD_SASL_PASSWORD or --sasl-password-file',
    schema: text,
  },
  saslPasswordFile: {
    flags: '--sasl-password-file <file>',
    help: 'file that holds the password',
    defaultText: 'read from KLOAD_SASL_PASSWORD',
    schema: text,
  },
  saslTokenFile: {
    flags: '--sasl-token-file <file>',
    help: 'file that holds the token for oauthbearer; it is read at each login, so the token can be renewed',
    defaultText: 'read from KLOAD_SASL_TOKEN',
    schema: text,
  },
});
