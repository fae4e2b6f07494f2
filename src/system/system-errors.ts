/** Errors of the operating system and of TLS that have the same meaning for every kind of connection. */

const UNTRUSTED_CERTIFICATE = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Whether the certificate's signer is not trusted by this machine. */
export function isUntrustedCertificate(code: string): boolean {
  return UNTRUSTED_CERTIFICATE.has(code);
}

/** Whether the process (EMFILE) or the whole machine (ENFILE) has too many open files. Connections count as files. */
export function isOutOfFiles(code: unknown): boolean {
  return code === 'EMFILE' || code === 'ENFILE';
}

export const MORE_FILES = 'raise the limit on open files with ulimit -n, or lower --max-in-flight';
