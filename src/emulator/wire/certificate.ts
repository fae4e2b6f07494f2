import { isIP } from 'node:net';

/** A certificate and its key, in PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface MadeCertificate extends KeyPair {
  /** The certificate of the authority that signed it, in PEM: clients have to trust it. */
  readonly ca: string;
}

/** Browsers and some clients refuse certificates with a longer lifetime. */
const LIFE_MS = 397 * 24 * 3_600_000;
/** So that a client whose clock is slow accepts the certificate, too. */
const EARLIER_MS = 24 * 3_600_000;

/**
 * Makes an authority and a certificate for all names of the emulator: this machine, the host that it listens at, and
 * the service's own names in a region, which users may resolve to this machine.
 */
export async function makeCertificate(host: string, region: string): Promise<MadeCertificate> {
  // Loaded on the first TLS connection, to keep start-up fast.
  const { generate } = await import('selfsigned');
  const validity = {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - EARLIER_MS),
    notAfterDate: new Date(Date.now() + LIFE_MS),
  } as const;
  const authority = await generate([{ name: 'commonName', value: 'kload emulator CA' }], {
    ...validity,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const own = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...validity,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: namesOf(host, region).map(altName) },
    ],
  });
  return { cert: own.cert, key: own.private, ca: authority.cert };
}

function namesOf(host: string, region: string): string[] {
  const names = ['localhost', '*.localhost', '127.0.0.1', '::1', host];
  const domain = region.startsWith('cn-') ? `${region}.amazonaws.com.cn` : `${region}.amazonaws.com`;
  for (const service of ['kinesis', 'kinesis-fips']) {
    names.push(`${service}.${domain}`, `*.control-${service}.${domain}`, `*.data-${service}.${domain}`);
  }
  return [...new Set(names)];
}

function altName(name: string): { type: 2; value: string } | { type: 7; ip: string } {
  return isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name };
}
