import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../../src/kinesis/client/proxy.js';

const KINESIS = { secure: true, host: 'kinesis.us-east-1.amazonaws.com', port: 443 };
const LOCAL = { secure: false, host: '127.0.0.1', port: 4566 };
const IPV6 = { secure: false, host: '::1', port: 4566 };
const BOTH = { HTTPS_PROXY: 'http://s:1', HTTP_PROXY: 'http://h:2' };

describe('the proxy of a destination', () => {
  it.each([
    ['is not used without settings', KINESIS, {}, undefined],
    ['is HTTPS_PROXY for https', KINESIS, BOTH, 's:1'],
    ['is HTTP_PROXY for http', LOCAL, BOTH, 'h:2'],
    ['is not the one of the other scheme', KINESIS, { HTTP_PROXY: 'http://h:2' }, undefined],
    ['is not ALL_PROXY, which the AWS CLI ignores', KINESIS, { ALL_PROXY: 'http://h:2' }, undefined],
    ['is the lower-case setting first', KINESIS, { ...BOTH, https_proxy: 'http://lower:3' }, 'lower:3'],
    ['is not used if the lower-case setting is empty', KINESIS, { ...BOTH, https_proxy: '' }, undefined],
    ['may be set without a scheme', KINESIS, { HTTPS_PROXY: 'proxy:3128' }, 'proxy:3128'],
    ['may be set with slashes only', KINESIS, { HTTPS_PROXY: '//proxy:3128' }, 'proxy:3128'],
    ['is not used if NO_PROXY is *', KINESIS, { ...BOTH, NO_PROXY: '*' }, undefined],
    ['is not used if NO_PROXY has its domain', KINESIS, { ...BOTH, NO_PROXY: 'localhost, .amazonaws.com' }, undefined],
    [
      'is not used if NO_PROXY has its domain without a dot',
      KINESIS,
      { ...BOTH, NO_PROXY: 'AmazonAWS.com' },
      undefined,
    ],
    ['is not used if NO_PROXY has the host', KINESIS, { ...BOTH, no_proxy: KINESIS.host }, undefined],
    [
      'ignores parts of a domain name in NO_PROXY',
      KINESIS,
      { ...BOTH, NO_PROXY: 'aws.com,sis.us-east-1.amazonaws.com' },
      's:1',
    ],
    ['is not used if NO_PROXY has the address', LOCAL, { ...BOTH, NO_PROXY: '127.0.0.1' }, undefined],
    ['is not used if NO_PROXY has the address and port', LOCAL, { ...BOTH, NO_PROXY: '127.0.0.1:4566' }, undefined],
    ['ignores another port in NO_PROXY', LOCAL, { ...BOTH, NO_PROXY: '127.0.0.1:1' }, 'h:2'],
    ['is not used if NO_PROXY has the IPv6 address', IPV6, { ...BOTH, NO_PROXY: '::1' }, undefined],
    ['is not used if NO_PROXY has the IPv6 address in brackets', IPV6, { ...BOTH, NO_PROXY: '[::1]' }, undefined],
  ])('%s', (_, destination, env, host) => {
    expect(proxyFor(destination, env)?.host).toBe(host);
  });

  it('must be an HTTP proxy, and its password is not shown', () => {
    for (const proxy of ['socks5://u:secret@h:1', 'http://u:secret@']) {
      expect(() => proxyFor(KINESIS, { HTTPS_PROXY: proxy })).toThrow(/^HTTPS_PROXY takes the URL of an HTTP proxy/);
    }
  });
});
