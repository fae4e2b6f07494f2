import { formatBrokerAddress, parseBrokerAddress } from '../core/kafka-access.js';
import type { OptionTable } from './option.js';
import { oneOf, type ReadValue, text, ValueError } from './values.js';

/** The same broker named twice is one. */
const brokers: ReadValue<readonly string[]> = (list) => {
  const names = list.split(',').map((name) => name.trim());
  return [...new Set(names.map(brokerOf))];
};

function brokerOf(name: string): string {
  const address = parseBrokerAddress(name);
  if (address !== undefined) return formatBrokerAddress(address);
  // What stands before an '@' may be a password.
  const shown = name.includes('@') ? 'an address with a user' : `'${name}'`;
  throw new ValueError(`takes brokers as host:9092, separated by commas (IPv6: [::1]:9092), not ${shown}`);
}

/** Kafka's own bounds. */
const topic: ReadValue<string> = (name) => {
  if (/^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..') return name;
  throw new ValueError(`takes the name of a topic (up to 249 letters, digits, and any of ._-), not '${name}'`);
};

const mechanism = oneOf('plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer', 'aws-msk-iam');

/** How a Kafka cluster is reached: the same for every command that talks to one. No flag holds a secret: `ps` shows flags. */
export const KAFKA_CONNECTION_OPTIONS = {
  brokers: {
    flags: '--brokers <list>',
    group: 'Kafka',
    help: 'brokers to ask for the cluster, as host:9092,host:9092; one that answers is enough',
    env: 'KLOAD_BROKERS',
    schema: brokers,
  },
  topic: {
    flags: '--topic <name>',
    group: 'Kafka',
    help: 'the topic; it has to be there',
    env: 'KLOAD_TOPIC',
    schema: topic,
  },
  tls: {
    flags: '--tls',
    group: 'Kafka',
    help: "encrypt connections, and check the brokers' certificates",
    env: 'KLOAD_TLS',
  },
  tlsCa: {
    flags: '--tls-ca <file>',
    group: 'Kafka',
    help: "certificate authorities that the brokers' certificates are checked against, in PEM; implies --tls",
    defaultText: "Node.js's own, and NODE_EXTRA_CA_CERTS",
    env: 'KLOAD_TLS_CA',
    schema: text,
  },
  tlsCert: {
    flags: '--tls-cert <file>',
    group: 'Kafka',
    help: "the client's own certificate, in PEM, with those of its issuers; implies --tls",
    env: 'KLOAD_TLS_CERT',
    schema: text,
  },
  tlsKey: {
    flags: '--tls-key <file>',
    group: 'Kafka',
    help: 'the private key of --tls-cert, in PEM; the passphrase of an encrypted one is read from KLOAD_TLS_KEY_PASSPHRASE',
    env: 'KLOAD_TLS_KEY',
    schema: text,
  },
  sasl: {
    flags: '--sasl <mechanism>',
    group: 'Kafka',
    help: 'how to log in: plain, scram-sha-256, scram-sha-512, oauthbearer, or aws-msk-iam (with AWS credentials)',
    defaultText: 'no login',
    env: 'KLOAD_SASL',
    schema: (name: string) => mechanism(name.toLowerCase()),
  },
  saslUsername: {
    flags: '--sasl-username <name>',
    group: 'Kafka',
    help: 'who logs in by plain or scram; the password is read from KLOAD_SASL_PASSWORD, or --sasl-password-file',
    env: 'KLOAD_SASL_USERNAME',
    schema: text,
  },
  saslPasswordFile: {
    flags: '--sasl-password-file <file>',
    group: 'Kafka',
    help: 'a file that holds the password',
    defaultText: 'KLOAD_SASL_PASSWORD holds it',
    env: 'KLOAD_SASL_PASSWORD_FILE',
    schema: text,
  },
  saslTokenFile: {
    flags: '--sasl-token-file <file>',
    group: 'Kafka',
    help: 'a file that holds the token for oauthbearer, read again for each login, so that it may be renewed',
    defaultText: 'KLOAD_SASL_TOKEN holds it',
    env: 'KLOAD_SASL_TOKEN_FILE',
    schema: text,
  },
} as const satisfies OptionTable;
