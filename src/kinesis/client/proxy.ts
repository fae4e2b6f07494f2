import { KloadError } from '../../core/errors.js';

/** Where a connection leads. */
export interface Destination {
  readonly secure: boolean;
  /** A name or an address; an IPv6 address has no brackets. */
  readonly host: string;
  readonly port: number;
}

/** Returns the host of a URL, without the brackets around an IPv6 address. */
export function hostOf({ hostname }: { readonly hostname: string }): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/**
 * Returns the proxy that the environment sets for a destination. Reads the variables as the AWS CLI does: one per
 * scheme, lower case before upper case, and no proxy for hosts that NO_PROXY names.
 *
 * @throws KloadError for a proxy that cannot be used
 */
export function proxyFor(destination: Destination, env: NodeJS.ProcessEnv): URL | undefined {
  const name = destination.secure ? 'https_proxy' : 'http_proxy';
  const text = variable(env, name);
  if (!text || isExcepted(destination, variable(env, 'no_proxy') ?? '')) return undefined;
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text.replace(/^\/\//, '')}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url);
  // The message leaves out the value, which may contain a password.
  throw new KloadError('usage', `${name.toUpperCase()} takes the URL of an HTTP proxy, such as http://proxy:3128`);
}

function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] ?? env[name.toUpperCase()];
}

/** Entries of NO_PROXY: `.example.com` or `example.com` (both include subdomains), `host:port`, or `*`. */
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
