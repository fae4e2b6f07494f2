import type { KafkaTlsFiles } from '../../core/kafka-access.js';

/**
 * How to connect to a cluster. Plain data, so that it can be posted to workers. It holds secrets: keep it out of
 * reports.
 */
export interface KafkaConnection {
  /** host:port */
  readonly brokers: readonly string[];
  /** undefined: not encrypted. */
  readonly tls: KafkaTls | undefined;
  /** undefined: no authentication. */
  readonly sasl: KafkaSasl | undefined;
  /** How long to wait for a response. */
  readonly requestTimeoutMs: number;
}

/** PEM. Without `ca`, the system's authorities are trusted; without `certificate`, the client sends none. */
export type KafkaTls = KafkaTlsFiles;

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  /** The token itself, or a file that holds it. The file is read again for each new connection. */
  | { readonly mechanism: 'oauthbearer'; readonly token: string | { readonly file: string } }
  | {
      readonly mechanism: 'aws-msk-iam';
      readonly region: string;
      readonly profile: string | undefined;
    };
