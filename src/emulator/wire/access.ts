import { isIP } from 'node:net';
import { isLoopback } from '../../system/loopback.js';
import { ServiceError } from '../protocol/service-error.js';
import type { WireRequest } from './exchange.js';
import { isOwnPath } from './routes.js';

export interface AccessOptions {
  /** Origins of pages that may use the emulator, besides those on this machine, as browsers send them; '*' for any. */
  readonly allowOrigins?: readonly string[];
  /** Host names that may be used for `/_kload/`, besides localhost and IP addresses. */
  readonly allowHosts?: readonly string[];
}

/**
 * Keeps web pages of other sites out. A browser lets any page send requests to this machine, and names the page's site
 * in `Origin`. It sends no `Origin` with a GET to what it considers the page's own site: a site that points its own
 * name at this machine (DNS rebinding) is then recognised by `Host`. The service itself accepts any Host, so that
 * containers can reach it under its service name.
 */
export class Access {
  readonly #origins: ReadonlySet<string>;
  readonly #hosts: ReadonlySet<string>;

  constructor({ allowOrigins = [], allowHosts = [] }: AccessOptions = {}) {
    this.#origins = new Set(allowOrigins);
    this.#hosts = new Set(allowHosts.map(plainName));
  }

  /** The error that refuses the request; undefined if it is allowed. */
  refusal({ url, headers }: WireRequest): ServiceError | undefined {
    const { origin } = headers;
    if (origin !== undefined && !this.allowsOrigin(origin)) {
      return denied(
        `pages of ${origin} may not use this emulator; to allow them, start it with --allow-origin ${origin}`,
      );
    }
    const host = nameOf(headers[':authority'] ?? headers.host);
    if (!isOwnPath(url) || host === undefined || this.#allowsHost(host)) return undefined;
    return denied(
      '/_kload/ is served under localhost and IP addresses only; to allow this name, start the emulator with ' +
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

/** True for pages served on this machine: a local server could use the emulator without a page, too. */
function isLocalOrigin(origin: string): boolean {
  if (!/^https?:\/\//.test(origin)) return false;
  const name = nameOf(origin.slice(origin.indexOf('//') + 2)) ?? '';
  return isLocalName(name) || isLoopback(name);
}

/** Browsers resolve these names to this machine without DNS. */
function isLocalName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

/** The name or address in a Host header or after `http://`, without the port. */
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
