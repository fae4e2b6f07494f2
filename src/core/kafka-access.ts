/** Where to find a secret: in an environment variable or in a file. */
export type SecretSource = { readonly variable: string } | { readonly file: string };

/**
 * How to reach a Kafka cluster, as the user configured it. It says where secrets are, and does not contain them:
 * reports and checkpoint files may show it.
 */
export interface KafkaAccess {
  /** host:port, an IPv6 address in brackets. */
  readonly brokers: readonly string[];
  /** PEM files; undefined for connections without encryption. */
  readonly tls: KafkaTlsFiles | undefined;
  readonly sasl: KafkaSaslAccess | undefined;
}

export interface KafkaTlsFiles {
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

export type KafkaSaslAccess =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: SecretSource;
    }
  | { readonly mechanism: 'oauthbearer'; readonly token: SecretSource }
  | { readonly mechanism: 'aws-msk-iam'; readonly region: string | undefined; readonly profile: string | undefined };

export interface BrokerAddress {
  /** An IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number;
}

const KAFKA_PORT = 9092;
const ADDRESS = /^(?:\[([0-9a-fA-F:.%]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/;

/** Parses 'kafka-1', 'kafka-1:9093' or '[::1]:9092'; undefined if the text is invalid. */
export function parseBrokerAddress(text: string): BrokerAddress | undefined {
  const [, v6, name, digits] = ADDRESS.exec(text) ?? [];
  const host = v6 ?? name;
  const port = digits === undefined ? KAFKA_PORT : Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

export function formatBrokerAddress({ host, port }: BrokerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
