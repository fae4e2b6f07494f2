import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { folder, startEmulator } from '../../support/kload.js';

/** An emulator in a process of its own, with its CA's certificate in files. */
export interface Served extends AsyncDisposable {
  readonly port: number;
  /** `localhost` on purpose: it may be ::1 first, as it is at users'. */
  readonly plain: string;
  readonly tls: string;
  /** PEM. */
  readonly caFile: string;
  /** A file for what a test makes; it goes with the emulator. */
  path(name: string): string;
}

export const TRANSPORTS = ['plain', 'tls'] as const;
export type Transport = (typeof TRANSPORTS)[number];

const TRUST_STORE_PASSWORD = 'changeit';

export async function serve(...args: string[]): Promise<Served> {
  const files = folder();
  const emulator = await startEmulator(...args);
  const { port } = new URL(emulator.endpoint);
  const plain = `http://localhost:${port}`;
  const answer = await fetch(`${plain}/_kload/ca.pem`);
  if (!answer.ok) throw new Error(`GET /_kload/ca.pem was answered with ${answer.status}: ${await answer.text()}`);
  const caFile = files.path('ca.pem');
  writeFileSync(caFile, await answer.text());
  return {
    port: Number(port),
    plain,
    tls: `https://localhost:${port}`,
    caFile,
    path: (name) => files.path(name),
    async [Symbol.asyncDispose]() {
      await emulator[Symbol.asyncDispose]();
      files[Symbol.dispose]();
    },
  };
}

/** Where JVMs keep whom they trust, made with the JDK's own tool. Returns the JVM's options. */
export function javaTrust(served: Served): string[] {
  const store = served.path('trust.p12');
  const into = ['-keystore', store, '-storetype', 'PKCS12', '-storepass', TRUST_STORE_PASSWORD];
  execFileSync('keytool', ['-importcert', '-noprompt', '-alias', 'kload', '-file', served.caFile, ...into], {
    stdio: 'pipe',
  });
  return [`-Djavax.net.ssl.trustStore=${store}`, `-Djavax.net.ssl.trustStorePassword=${TRUST_STORE_PASSWORD}`];
}
