// @ts-check

/**
 * How clients connect: unencrypted, with TLS, with TLS and a client certificate, with SASL and a password (unencrypted
 * or with TLS), with an unsigned token, or with a token of MSK's IAM (with TLS, as in MSK).
 * @typedef {'plain' | 'tls' | 'mtls' | 'sasl' | 'saslTls' | 'oauth' | 'iam'} ListenerName
 */

/** The login for SASL. */
export const USER = { username: 'alice', password: 'alice-secret' };

const SCRAM = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];
const PASSWORD_MECHANISMS = ['PLAIN', ...SCRAM];

/**
 * @type {Record<ListenerName, { protocol: string, mechanisms?: readonly string[], properties?: Record<string, string>
 * }>}
 */
const LISTENERS = {
  plain: { protocol: 'PLAINTEXT' },
  tls: { protocol: 'SSL' },
  mtls: { protocol: 'SSL', properties: { 'ssl.client.auth': 'required' } },
  sasl: { protocol: 'SASL_PLAINTEXT', mechanisms: PASSWORD_MECHANISMS },
  saslTls: { protocol: 'SASL_SSL', mechanisms: PASSWORD_MECHANISMS },
  oauth: {
    protocol: 'SASL_PLAINTEXT',
    mechanisms: ['OAUTHBEARER'],
    properties: {
      'oauthbearer.sasl.server.callback.handler.class':
        'org.apache.kafka.common.security.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler',
    },
  },
  iam: {
    protocol: 'SASL_SSL',
    mechanisms: ['OAUTHBEARER'],
    properties: { 'oauthbearer.sasl.server.callback.handler.class': 'kload.interop.kafka.MskTokenValidator' },
  },
};

const JAAS = /** @type {Record<string, string>} */ ({
  PLAIN: `org.apache.kafka.common.security.plain.PlainLoginModule required user_${USER.username}="${USER.password}";`,
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  OAUTHBEARER: 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;',
});

/** Arguments of the storage tool, which formats a node's folder before the first start. */
export const FORMAT = [
  '--cluster-id',
  'a2xvYWQtdGVzdC1rYWZrYQ',
  ...SCRAM.flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=${USER.username},password=${USER.password}]`]),
];

/** As few threads and internal partitions as tests need. */
const SMALL = {
  'num.network.threads': '1',
  'num.io.threads': '2',
  'background.threads': '2',
  'num.recovery.threads.per.data.dir': '1',
  'offsets.topic.num.partitions': '1',
  'transaction.state.log.num.partitions': '1',
  'group.initial.rebalance.delay.ms': '0',
  'auto.create.topics.enable': 'false',
  // Otherwise the broker deletes records with the timestamps of an old recording half a minute after its start.
  'log.retention.ms': '-1',
  // A broker that was killed can register again only after this time.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
};

/**
 * @param {object} node
 * @param {number} node.id
 * @param {string} node.folder
 * @param {ReadonlyMap<ListenerName, number>} node.ports
 * @param {readonly number[]} controllerPorts of all nodes in order of their ids, which start at 1
 * @param {import('./certificates.js').Certificates} certificates
 * @param {Record<string, string>} more
 * @returns {string} the content of server.properties
 */
export function serverProperties({ id, folder, ports }, controllerPorts, certificates, more) {
  const names = [...ports.keys()];
  const copies = String(Math.min(3, controllerPorts.length));
  const properties = {
    ...SMALL,
    'process.roles': 'broker,controller',
    'node.id': String(id),
    'log.dirs': folder,
    'controller.quorum.voters': controllerPorts.map((port, index) => `${index + 1}@127.0.0.1:${port}`).join(),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': upper('plain'),
    listeners: [
      `CONTROLLER://127.0.0.1:${controllerPorts[id - 1]}`,
      ...names.map((name) => `${upper(name)}://127.0.0.1:${ports.get(name)}`),
    ].join(),
    'listener.security.protocol.map': [
      'CONTROLLER:PLAINTEXT',
      ...names.map((name) => `${upper(name)}:${LISTENERS[name].protocol}`),
    ].join(),
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': certificates.serverFile,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certificates.caFile,
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': '1',
    ...Object.assign({}, ...names.map(listenerProperties)),
    ...more,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** @param {ListenerName} name */
function listenerProperties(name) {
  const { mechanisms = [], properties = {} } = LISTENERS[name];
  const own = Object.entries(properties);
  if (mechanisms.length > 0) own.push(['sasl.enabled.mechanisms', mechanisms.join()]);
  for (const mechanism of mechanisms) own.push([`${mechanism.toLowerCase()}.sasl.jaas.config`, JAAS[mechanism] ?? '']);
  return Object.fromEntries(own.map(([key, value]) => [`listener.name.${name.toLowerCase()}.${key}`, value]));
}

/** The listener's name in Kafka. @param {ListenerName} name */
function upper(name) {
  return name.toUpperCase();
}
