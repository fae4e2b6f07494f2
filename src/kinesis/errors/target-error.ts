import { KloadError } from '../../core/errors.js';
import { isOutOfFiles, isUntrustedCertificate, MORE_FILES } from '../../system/system-errors.js';
import type { KinesisConnection } from '../client/connection.js';
import { CredentialsError } from '../client/credentials.js';
import { ProxyError } from '../client/tunnel.js';
import { skewOf } from './clock-skew.js';
import { failureOf } from './failures.js';

/** What keeps a run or a tail from going on, in the user's terms; what is no answer of the service comes back as it is. */
export function targetError(error: unknown, connection: KinesisConnection): unknown {
  if (error instanceof KloadError) return error;
  if (error instanceof CredentialsError) return new KloadError('target', error.message, error.hint);
  if (error instanceof Error && error.name === 'EndpointError') {
    const hint = 'check the region, AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, or pass --endpoint-url';
    return new KloadError('usage', `Kinesis has no such endpoint in ${connection.region}: ${error.message}`, hint);
  }
  if (error instanceof ProxyError) {
    return new KloadError('target', error.message, 'check HTTPS_PROXY, HTTP_PROXY and NO_PROXY');
  }
  const failure = failureOf(error);
  const place = placeOf(connection);
  if (failure.kind === 'unreachable') return unreachableError(failure.code, connection);
  if (failure.code === 'ResourceNotFoundException') {
    return new KloadError(
      'target',
      `there is no ${nameOf(connection)} at ${place}`,
      'check its name, --region and the account of your credentials, or create it first',
    );
  }
  return new KloadError(
    'target',
    `${place} refused: ${failure.code}: ${firstLine(failure.message)}`,
    refusalHint(error),
  );
}

function refusalHint(error: unknown): string | undefined {
  const isExpired = error instanceof Error && /^ExpiredToken/.test(error.name);
  return isExpired ? 'renew the credentials, and run it again' : skewOf(error);
}

const SILENT = new Set(['ETIMEDOUT', 'TimeoutError', 'AbortError']);

/** Why nothing came back. */
function unreachableError(code: string, connection: KinesisConnection): KloadError {
  const place = placeOf(connection);
  const isAws = connection.endpoint === undefined;
  const failed = (what: string, hint: string) => new KloadError('target', `${place} ${what} (${code})`, hint);
  if (isOutOfFiles(code)) return failed('cannot be reached: too many files are open', MORE_FILES);
  if (isUntrustedCertificate(code)) {
    return failed('has a certificate that is not trusted', 'name the CA that signed it: AWS_CA_BUNDLE=ca.pem');
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return failed('has a certificate that does not name it', 'name the host as its certificate does');
  }
  if (code === 'CERT_HAS_EXPIRED') return failed('has a certificate that has expired', 'renew it');
  if (code === 'CERT_NOT_YET_VALID') {
    return failed('has a certificate that is not yet valid', "is this machine's clock right?");
  }
  if (code === 'EPROTO' || /^ERR_SSL/.test(code)) {
    return failed('does not speak TLS, or not as kload does', 'a port without encryption has an http:// URL');
  }
  if (SILENT.has(code)) {
    const check = isAws ? 'check --region, and' : 'is it running? check --endpoint-url, and';
    return failed('does not respond', `${check} firewalls on the way there`);
  }
  return failed('cannot be reached', isAws ? 'check --region and the network' : 'is it running? check --endpoint-url');
}

/** The same for what enhanced fan-out needs, which not every emulator has. */
export function fanOutError(error: unknown, connection: KinesisConnection): unknown {
  if (!(error instanceof Error) || error.name !== 'UnknownOperationException') return targetError(error, connection);
  return new KloadError(
    'target',
    `${placeOf(connection)} has no enhanced fan-out: UnknownOperationException`,
    'leave out --fan-out: then records are polled',
  );
}

export function nameOf(connection: KinesisConnection): string {
  const { stream } = connection;
  return 'StreamName' in stream ? `stream '${stream.StreamName}'` : `stream ${stream.StreamARN}`;
}

export function placeOf(connection: KinesisConnection): string {
  const { region, endpoint } = connection;
  return endpoint === undefined ? `Kinesis in ${region}` : `${endpoint} (region ${region})`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
