import { isIP } from 'node:net';

/** A certificate with its key, in PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface MadeCertificate extends KeyPair {
  /** The certificate, in PEM, of the authority that vouches for it: what a client has to trust. */
  readonly ca: string;
}

/** Browsers and some clients refuse certificates that are valid for longer. */
const LIFE_MS = 397 * 24 * 3_600_000;
/** A clock that is a little behind finds the certificate valid, too. */
const EARLIER_MS = 24 * 3_600_000;

/**
 * Makes an authority and a certificate for whatever the emulator may be called: this machine, the host it listens at, and
 * the service's own names in a region, for those who point these at this machine.
 */
export async function makeCertificate(host: string, region: string): Promise<MadeCertificate> {
  // Only who speaks TLS waits for the package.
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
