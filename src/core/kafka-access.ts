/** Where to read a secret from. */
export type SecretSource = { readonly variable: string } | { readonly file: string };

/**
 * How a Kafka cluster is reached, as it was asked for. It says where secrets are kept and never what they are, so that
 * reports and checkpoint files may hold it.
 */
export interface KafkaAccess {
  /** host:port, an IPv6 address in brackets. */
  readonly brokers: readonly string[];
  /** Names of files in PEM; undefined: not encrypted. */
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

/** 'kafka-1', 'kafka-1:9093', '[::1]:9092'; undefined for what is none of these. */
export function parseBrokerAddress(text: string): BrokerAddress | undefined {
  const [, v6, name, digits] = ADDRESS.exec(text) ?? [];
  const host = v6 ?? name;
  const port = digits === undefined ? KAFKA_PORT : Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

export function formatBrokerAddress({ host, port }: BrokerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
