import type { ServiceError } from '../protocol/service-error.js';
import type { Reply, WireRequest } from './exchange.js';

/** Answers a request of the emulator's own interface. */
export type Route = (request: WireRequest) => Reply | Promise<Reply>;

const PREFIX = '/_kload/';

/** The emulator's own interface, beside the service's: whatever begins with `/_kload/`. Nothing there is signed. */
export class Routes {
  /** By path, then by method. */
  readonly #routes = new Map<string, Map<string, Route>>();

  /** @param health what is told beside the status */
  constructor(health: () => Readonly<Record<string, unknown>>) {
    this.add('GET', '/_kload/health', () => jsonReply(200, { status: 'ok', ...health() }));
  }

  /** @param path the whole of it, without a query: '/_kload/metrics'; with '*' for a last part of any name */
  add(method: string, path: string, route: Route): void {
    if (!path.startsWith(PREFIX)) throw new Error(`${path} does not begin with ${PREFIX}`);
    this.#routes.set(path, (this.#routes.get(path) ?? new Map()).set(method, route));
  }

  /**
   * Undefined: the request is one to the service.
   * @param refusal why it has no body; its connection ends with the answer
   */
  answer(request: WireRequest, refusal?: ServiceError): Reply | Promise<Reply> | undefined {
    if (!request.url.startsWith(PREFIX)) return undefined;
    if (refusal !== undefined) return { ...jsonReply(refusal.status, { error: refusal.message }), isLast: true };
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = this.#routes.get(path) ?? this.#routes.get(path.replace(/[^/]+$/, '*'));
    if (methods === undefined) {
      return jsonReply(404, { error: `there is no ${path}`, paths: [...this.#routes.keys()].sort() });
    }
    const route = methods.get(request.method);
    if (route !== undefined) return route(request);
    const allowed = [...methods.keys()].join(', ');
    return { ...jsonReply(405, { error: `${path} takes ${allowed}` }), headers: { Allow: allowed } };
  }
}

export function jsonReply(status: number, value: unknown): Reply & { readonly status: number } {
  return { status, contentType: 'application/json', body: JSON.stringify(value) };
}
