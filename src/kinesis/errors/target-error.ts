import { KloadError } from '../../core/errors.js';
import { isOutOfFiles, isUntrustedCertificate, MORE_FILES } from '../../system/system-errors.js';
import type { KinesisConnection } from '../client/connection.js';
import { CredentialsError } from '../client/credentials.js';
import { ProxyError } from '../client/tunnel.js';
import { skewOf } from './clock-skew.js';
import { failureOf } from './failures.js';

/** Explains an error that ends a run or a tail, as a KloadError. Throws an error that is a bug. */
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
  const endpoint = endpointLabel(connection);
  if (failure.kind === 'unreachable') return unreachableError(failure.code, connection);
  if (failure.code === 'ResourceNotFoundException') {
    return new KloadError(
      'target',
      `there is no ${streamLabel(connection)} at ${endpoint}`,
      'check its name, --region and the account of your credentials, or create it first',
    );
  }
  return new KloadError(
    'target',
    `${endpoint} refused: ${failure.code}: ${firstLine(failure.message)}`,
    refusalHint(error),
  );
}

function refusalHint(error: unknown): string | undefined {
  const isExpired = error instanceof Error && /^ExpiredToken/.test(error.name);
  return isExpired ? 'renew the credentials, and run it again' : skewOf(error);
}

const TIMEOUTS = new Set(['ETIMEDOUT', 'TimeoutError', 'AbortError']);

/** Explains why there was no response. */
function unreachableError(code: string, connection: KinesisConnection): KloadError {
  const label = endpointLabel(connection);
  const isAws = connection.endpoint === undefined;
  const failed = (what: string, hint: string) => new KloadError('target', `${label} ${what} (${code})`, hint);
  if (isOutOfFiles(code)) return failed('cannot be reached: too many files are open', MORE_FILES);
  if (isUntrustedCertificate(code)) {
    return failed('has a certificate that is not trusted', 'name the CA that signed it: AWS_CA_BUNDLE=ca.pem');
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return failed('has a certificate for another host name', 'use a host name that its certificate lists');
  }
  if (code === 'CERT_HAS_EXPIRED') return failed('has a certificate that has expired', 'renew it');
  if (code === 'CERT_NOT_YET_VALID') {
    return failed('has a certificate that is not yet valid', "is this machine's clock right?");
  }
  if (code === 'EPROTO' || /^ERR_SSL/.test(code)) {
    return failed('does not speak TLS, or no version that kload supports', 'use http:// for a port without TLS');
  }
  const check = isAws ? 'check --region' : `is it running? ${endpointCheck(connection)}`;
  if (TIMEOUTS.has(code)) return failed('does not respond', `${check}, and firewalls on the way there`);
  return failed('cannot be reached', isAws ? `${check} and the network` : check);
}

/** A hint that names the setting which the endpoint came from. */
export function endpointCheck({ endpointSetting }: KinesisConnection): string {
  return endpointSetting === undefined ? 'check --endpoint-url' : `check ${endpointSetting}, or pass --endpoint-url`;
}

/** Explains an error of a call for enhanced fan-out, which some emulators do not have. */
export function fanOutError(error: unknown, connection: KinesisConnection): unknown {
  if (!(error instanceof Error) || error.name !== 'UnknownOperationException') return targetError(error, connection);
  return new KloadError(
    'target',
    `${endpointLabel(connection)} has no enhanced fan-out: UnknownOperationException`,
    'leave out --fan-out to poll for records',
  );
}

/** `stream 'orders'` */
export function streamLabel(connection: KinesisConnection): string {
  const { stream } = connection;
  return 'StreamName' in stream ? `stream '${stream.StreamName}'` : `stream ${stream.StreamARN}`;
}

/** `Kinesis in us-east-1`, or `http://localhost:4566 (region us-east-1)`. */
export function endpointLabel(connection: KinesisConnection): string {
  const { region, endpoint } = connection;
  return endpoint === undefined ? `Kinesis in ${region}` : `${endpoint} (region ${region})`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
