import { ServiceError } from '../protocol/service-error.js';
import type { Reply, WireRequest } from './exchange.js';

/** Handles a request of the emulator's own interface. */
export type Route = (request: WireRequest) => Reply | Promise<Reply>;

const PREFIX = '/_kload/';

/** True if the request is for the emulator's own interface. */
export function isOwnPath(url: string): boolean {
  return url.startsWith(PREFIX);
}

/** The emulator's own interface besides the service: all paths that begin with `/_kload/`. */
export class Routes {
  readonly #verify: (request: WireRequest) => void;
  /** By path, then by method. */
  readonly #routes = new Map<string, Map<string, Route>>();

  /**
   * @param health reported with the status
   * @param verify throws a ServiceError if the request needs a valid signature and has none
   */
  constructor(health: () => Readonly<Record<string, unknown>>, verify: (request: WireRequest) => void = () => {}) {
    this.#verify = verify;
    this.add('GET', '/_kload/health', () => jsonReply(200, { status: 'ok', ...health() }));
  }

  /** @param path without a query: '/_kload/metrics'; a last part of '*' matches any name */
  add(method: string, path: string, route: Route): void {
    if (!isOwnPath(path)) throw new Error(`${path} does not begin with ${PREFIX}`);
    this.#routes.set(path, (this.#routes.get(path) ?? new Map()).set(method, route));
  }

  /**
   * Undefined if the request is for the service.
   * @param refusal why the request is refused already
   */
  handle(request: WireRequest, refusal?: ServiceError): Reply | Promise<Reply> | undefined {
    if (!isOwnPath(request.url)) return undefined;
    if (refusal !== undefined) return refusalReply(refusal, refusal.status);
    try {
      this.#verify(request);
    } catch (error) {
      if (error instanceof ServiceError) return refusalReply(error, 403);
      throw error;
    }
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = this.#routes.get(path) ?? this.#routes.get(path.replace(/[^/]+$/, '*'));
    if (methods === undefined) {
      return jsonReply(404, { error: `${path} does not exist`, paths: [...this.#routes.keys()].sort() });
    }
    const route = methods.get(request.method);
    if (route !== undefined) return route(request);
    const allowed = [...methods.keys()].join(', ');
    return { ...jsonReply(405, { error: `${path} accepts ${allowed}` }), headers: { Allow: allowed } };
  }
}

export function jsonReply(status: number, value: unknown): Reply & { readonly status: number } {
  return { status, contentType: 'application/json', body: JSON.stringify(value) };
}

function refusalReply({ message }: ServiceError, status: number): Reply {
  return jsonReply(status, { error: message });
}
