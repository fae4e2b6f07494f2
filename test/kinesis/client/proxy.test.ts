import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../../src/kinesis/client/proxy.js';

const KINESIS = { secure: true, host: 'kinesis.us-east-1.amazonaws.com', port: 443 };
const LOCAL = { secure: false, host: '127.0.0.1', port: 4566 };
const IPV6 = { secure: false, host: '::1', port: 4566 };
const BOTH = { HTTPS_PROXY: 'http://s:1', HTTP_PROXY: 'http://h:2' };

describe('the proxy of a destination', () => {
  it.each([
    ['none', KINESIS, {}, undefined],
    ['by https', KINESIS, BOTH, 's:1'],
    ['by http', LOCAL, BOTH, 'h:2'],
    ['of the other scheme alone', KINESIS, { HTTP_PROXY: 'http://h:2' }, undefined],
    ["for all schemes is not the CLI's", KINESIS, { ALL_PROXY: 'http://h:2' }, undefined],
    ['in lower case', KINESIS, { ...BOTH, https_proxy: 'http://lower:3' }, 'lower:3'],
    ['switched off in lower case', KINESIS, { ...BOTH, https_proxy: '' }, undefined],
    ['without a scheme', KINESIS, { HTTPS_PROXY: 'proxy:3128' }, 'proxy:3128'],
    ['with slashes alone', KINESIS, { HTTPS_PROXY: '//proxy:3128' }, 'proxy:3128'],
    ['except all', KINESIS, { ...BOTH, NO_PROXY: '*' }, undefined],
    ['except a domain', KINESIS, { ...BOTH, NO_PROXY: 'localhost, .amazonaws.com' }, undefined],
    ['except a domain without a dot', KINESIS, { ...BOTH, NO_PROXY: 'AmazonAWS.com' }, undefined],
    ['except the host', KINESIS, { ...BOTH, no_proxy: KINESIS.host }, undefined],
    [
      'not except an ending that is no domain',
      KINESIS,
      { ...BOTH, NO_PROXY: 'aws.com,sis.us-east-1.amazonaws.com' },
      's:1',
    ],
    ['except an address', LOCAL, { ...BOTH, NO_PROXY: '127.0.0.1' }, undefined],
    ['except an address with its port', LOCAL, { ...BOTH, NO_PROXY: '127.0.0.1:4566' }, undefined],
    ['not except another port', LOCAL, { ...BOTH, NO_PROXY: '127.0.0.1:1' }, 'h:2'],
    ['except an IPv6 address', IPV6, { ...BOTH, NO_PROXY: '::1' }, undefined],
    ['except an IPv6 address in brackets', IPV6, { ...BOTH, NO_PROXY: '[::1]' }, undefined],
  ])('%s', (_, destination, env, host) => {
    expect(proxyFor(destination, env)?.host).toBe(host);
  });

  it('has to be an HTTP proxy, and is not shown with its password', () => {
    for (const proxy of ['socks5://u:secret@h:1', 'http://u:secret@']) {
      expect(() => proxyFor(KINESIS, { HTTPS_PROXY: proxy })).toThrow(/^HTTPS_PROXY takes the URL of an HTTP proxy/);
    }
  });
});
