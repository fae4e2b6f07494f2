import { isIP } from 'node:net';
import { ServiceError } from '../protocol/service-error.js';
import type { WireRequest } from './exchange.js';
import { isOwnPath } from './routes.js';

export interface AccessOptions {
  /** Origins of pages beside those on this machine, as browsers send them; '*' for any. */
  readonly allowOrigins?: readonly string[];
  /** Names by which `/_kload/` may be reached, beside localhost and IP addresses. */
  readonly allowHosts?: readonly string[];
}

/**
 * Keeps web pages of other sites out. A browser lets any page send requests to this machine, and says in `Origin` whose
 * page it is. Where it sends none (a GET to what it takes for the page's own site), a site may have pointed its own
 * name at this machine (DNS rebinding), and only `Host` still says so. Other clients send neither or are reached by a
 * name that their user chose: the service itself takes any Host, so that containers can reach it by its service's name.
 */
export class Access {
  readonly #origins: ReadonlySet<string>;
  readonly #hosts: ReadonlySet<string>;

  constructor({ allowOrigins = [], allowHosts = [] }: AccessOptions = {}) {
    this.#origins = new Set(allowOrigins);
    this.#hosts = new Set(allowHosts.map(plainName));
  }

  /** Why the request is refused; undefined: it is not. */
  refusal({ url, headers }: WireRequest): ServiceError | undefined {
    const { origin } = headers;
    if (origin !== undefined && !this.allowsOrigin(origin)) {
      return denied(
        `pages of ${origin} may not use this emulator; if this one should, start it with --allow-origin ${origin}`,
      );
    }
    const host = nameOf(headers[':authority'] ?? headers.host);
    if (!isOwnPath(url) || host === undefined || this.#allowsHost(host)) return undefined;
    return denied(
      `/_kload/ is served under localhost and IP addresses; to serve it under this name, too, start the emulator with ` +
        `--allow-host ${host}`,
    );
  }

  allowsOrigin(origin: string): boolean {
    return this.#origins.has(origin) || this.#origins.has('*') || isLocalOrigin(origin);
  }

  #allowsHost(name: string): boolean {
    return isLocalName(name) || isIP(name) !== 0 || this.#hosts.has(name);
  }
}

/** Whoever serves a page on this machine could use the emulator without one. */
function isLocalOrigin(origin: string): boolean {
  if (!/^https?:\/\//.test(origin)) return false;
  const name = nameOf(origin.slice(origin.indexOf('//') + 2)) ?? '';
  return isLocalName(name) || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/** Browsers resolve these to this machine without asking anyone. */
function isLocalName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

/** The name or address in a Host header or behind `http://`, without its port. */
function nameOf(host: string | string[] | undefined): string | undefined {
  if (host === undefined) return undefined;
  const [, address, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(String(host)) ?? [];
  return address ?? plainName(name ?? String(host));
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function denied(message: string): ServiceError {
  return new ServiceError('AccessDeniedException', message, 403);
}
