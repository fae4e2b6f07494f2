/** Errors of the operating system and of TLS that say the same wherever they are met. */

const UNTRUSTED_CERTIFICATE = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Nobody whom this machine trusts signed the certificate. */
export function isUntrustedCertificate(code: string): boolean {
  return UNTRUSTED_CERTIFICATE.has(code);
}

/** Of the process (EMFILE), or of the whole machine (ENFILE). Connections count as files. */
export function isOutOfFiles(code: unknown): boolean {
  return code === 'EMFILE' || code === 'ENFILE';
}

export const MORE_FILES = 'raise the limit on open files with ulimit -n, or lower --max-in-flight';
