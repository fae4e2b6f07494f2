import { KloadError } from '../../core/errors.js';
import { isUntrustedCertificate } from '../../system/system-errors.js';
import type { KafkaTls } from '../cluster/connection.js';
import type { RootCause } from './root-cause.js';

/** Explains a failure of TLS; undefined for any other error. */
export function tlsError(
  { code = '', message }: RootCause,
  address: string,
  tls: KafkaTls | undefined,
): KloadError | undefined {
  if (tls === undefined) return undefined;
  const failed = (what: string, hint: string) => new KloadError('target', `${address} ${what}`, hint);
  if (isUntrustedCertificate(code)) {
    const hint =
      tls.ca === undefined ? 'name the CA that signed it: --tls-ca' : 'does --tls-ca hold the CA that signed it?';
    return failed(`has a certificate that is not trusted (${code})`, hint);
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const [, names] = /cert's altnames: (.*)$/.exec(message) ?? [];
    const others = names === undefined ? '' : ` (${names})`;
    const hint = 'use a host name that its certificate lists, in --brokers or in advertised.listeners';
    return failed(`has a certificate for another host name${others}`, hint);
  }
  if (code === 'CERT_HAS_EXPIRED') return failed('has a certificate that has expired', 'renew the certificate');
  if (code === 'CERT_NOT_YET_VALID') {
    return failed('has a certificate that is not yet valid', "is this machine's clock right?");
  }
  const isGarbled = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/.test(code);
  if (isGarbled || code === 'CLOSED_WITHOUT_RESPONSE' || /before secure TLS/.test(message)) {
    return failed('does not speak TLS', 'if the port is not encrypted, leave out --tls');
  }
  if (/ALERT/.test(code)) {
    const hint =
      tls.certificate === undefined
        ? 'it may require a client certificate: --tls-cert and --tls-key'
        : 'does it trust the CA that signed --tls-cert?';
    return failed(`refused the TLS connection (${code})`, hint);
  }
  return undefined;
}
