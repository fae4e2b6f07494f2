/** How a cluster is reached. Plain, so that it crosses to the workers; it holds secrets, and goes into no report. */
export interface KafkaConnection {
  /** host:port */
  readonly brokers: readonly string[];
  /** undefined: not encrypted. */
  readonly tls: KafkaTls | undefined;
  /** undefined: nobody is asked who they are. */
  readonly sasl: KafkaSasl | undefined;
  /** How long a request may stay without an answer. */
  readonly requestTimeoutMs: number;
}

/** All in PEM; undefined is the system's certificate authorities, and no certificate of one's own. */
export interface KafkaTls {
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  /** The token itself, or the file that holds it and that is read again for each new connection. */
  | { readonly mechanism: 'oauthbearer'; readonly token: string | { readonly file: string } }
  | {
      readonly mechanism: 'aws-msk-iam';
      readonly region: string;
      readonly profile: string | undefined;
    };
