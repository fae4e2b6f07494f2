import { KloadError } from '../../core/errors.js';
import { isUntrustedCertificate } from '../../system/system-errors.js';
import type { KafkaTls } from '../cluster/connection.js';
import type { InnerError } from './inner-error.js';

/** What an encrypted connection failed at; undefined where that is not TLS. */
export function tlsError(
  { code = '', message }: InnerError,
  place: string,
  tls: KafkaTls | undefined,
): KloadError | undefined {
  if (tls === undefined) return undefined;
  const failed = (what: string, hint: string) => new KloadError('target', `${place} ${what}`, hint);
  if (isUntrustedCertificate(code)) {
    const hint = tls.ca === undefined ? 'name who signed it with --tls-ca' : 'does --tls-ca hold who signed it?';
    return failed(`has a certificate that is not trusted (${code})`, hint);
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const [, names] = /cert's altnames: (.*)$/.exec(message) ?? [];
    const others = names === undefined ? '' : `, but ${names}`;
    return failed(
      `has a certificate that does not name it${others}`,
      'name the broker as its certificate does: --brokers, or its advertised.listeners',
    );
  }
  if (code === 'CERT_HAS_EXPIRED') return failed('has a certificate that has expired', 'it has to be renewed');
  if (code === 'CERT_NOT_YET_VALID')
    return failed('has a certificate that is not yet valid', "is this machine's clock right?");
  const isGarbled = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/.test(code);
  if (isGarbled || code === 'CLOSED_UNANSWERED' || /before secure TLS/.test(message)) {
    return failed('does not answer in TLS', 'is it a port without encryption? then leave out --tls');
  }
  if (/ALERT/.test(code)) {
    return tls.certificate === undefined
      ? failed(
          `refused the TLS connection (${code})`,
          'it may want a certificate of the client: --tls-cert and --tls-key',
        )
      : failed(`refused the TLS connection (${code})`, 'does it trust who signed --tls-cert?');
  }
  return undefined;
}
