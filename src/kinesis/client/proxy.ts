import { KloadError } from '../../core/errors.js';

/** Where a connection leads. */
export interface Destination {
  readonly secure: boolean;
  /** A name or an address; of IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * The proxy that the environment names for a destination, as the AWS CLI reads it: by the scheme, in lower case before
 * upper case, and not for hosts that NO_PROXY names.
 *
 * @throws KloadError for a proxy that cannot be used
 */
export function proxyFor(destination: Destination, env: NodeJS.ProcessEnv): URL | undefined {
  const name = destination.secure ? 'https_proxy' : 'http_proxy';
  const text = variable(env, name);
  if (!text || isExcepted(destination, variable(env, 'no_proxy') ?? '')) return undefined;
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text.replace(/^\/\//, '')}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url);
  // It may hold a password, so it is not shown.
  throw new KloadError('usage', `${name.toUpperCase()} takes the URL of an HTTP proxy, such as http://proxy:3128`);
}

function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] ?? env[name.toUpperCase()];
}

/** `.example.com`, `example.com` (both with all below), `host:port`, or `*`. */
function isExcepted({ host, port }: Destination, noProxy: string): boolean {
  const name = host.toLowerCase();
  const shown = name.includes(':') ? `[${name}]` : name;
  if (noProxy.trim() === '*') return true;
  for (const entry of noProxy.split(',')) {
    const suffix = entry.trim().toLowerCase().replace(/^\.+/, '');
    if (suffix === '') continue;
    for (const candidate of [name, shown, `${shown}:${port}`]) {
      if (candidate === suffix || candidate.endsWith(`.${suffix}`)) return true;
    }
  }
  return false;
}
