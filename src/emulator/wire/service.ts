import type { Operation, ReadInput } from '../actions/operation.js';
import type { Subscriptions } from '../fan-out/subscriptions.js';
import { type Caller, callerOf } from '../protocol/caller.js';
import { EVENT_STREAM_TYPE, framesOf } from '../protocol/event-stream-frame.js';
import { type Format, formatOf, JSON_FORMAT } from '../protocol/format.js';
import { BulkOutput, EventStream, type Result } from '../protocol/output.js';
import { ServiceError } from '../protocol/service-error.js';
import type { Input, StructureShape } from '../protocol/shape.js';
import { type Signer, verifySignature } from '../protocol/signature.js';
import { validate } from '../protocol/validation.js';
import type { Accounts } from '../store/accounts.js';
import { admit, credentialsOf, errorFormatOf, namedOperation } from './admission.js';
import type { Exchange, Reply, WireAnswer, WireRequest } from './exchange.js';
import type { Hooks, InjectedFault } from './hooks.js';

export interface ServiceSettings {
  readonly accounts: Accounts;
  readonly subscriptions: Subscriptions;
  /** Who calls where a request's credentials do not tell. */
  readonly caller: Caller;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly hooks: Hooks;
  /** Whose signatures are good; undefined: all are. */
  readonly signer: Signer | undefined;
}

/** A request on its way, as far as it is known what it asks for. */
type Begun = Pick<Exchange, 'request' | 'format'> & { -readonly [Name in 'operation' | 'caller']?: Exchange[Name] };

/**
 * The service, whatever carries its requests. The way of a request:
 * operation -> credentials -> [fault] -> read and validate -> act -> [durable] -> encode -> [done].
 * Nothing on it waits unless a hook does.
 */
export class Service {
  readonly #settings: ServiceSettings;

  constructor(settings: ServiceSettings) {
    this.#settings = settings;
  }

  /** Every request has an answer: errors of the service are answers, too. Never throws or rejects. */
  answer(request: WireRequest): Reply | Promise<Reply> {
    const startedMs = performance.now();
    const begun: Begun = { request, format: errorFormatOf(request) };
    try {
      const reply = this.#perform(begun);
      if (!(reply instanceof Promise)) return this.#finish(begun, startedMs, reply);
      return reply.then(
        (late) => this.#finish(begun, startedMs, late),
        (error) => this.#refuse(begun, startedMs, error),
      );
    } catch (error) {
      return this.#refuse(begun, startedMs, error);
    }
  }

  /** Refuses a request before it is looked at: its body was not taken, or its sender may not use this. */
  refuse(request: WireRequest, error: ServiceError): Reply {
    const operation = namedOperation(request);
    const format = formatOf(request.headers['content-type'] ?? '') ?? JSON_FORMAT;
    const begun: Begun = { request, format, ...(operation !== undefined && { operation }) };
    return this.#refuse(begun, performance.now(), error);
  }

  #perform(begun: Begun): Reply | Promise<Reply> {
    const { request, format } = begun;
    const { signer, caller, now } = this.#settings;
    const admission = admit(request);
    if (!('operation' in admission)) return admission;
    const { name, operation } = admission;
    const credentials = credentialsOf(request, format);
    if (signer !== undefined) verifySignature(request, credentials, signer, Math.floor(now()));
    begun.operation = name;
    begun.caller = callerOf(credentials.credential, caller);
    const exchange: Exchange = { ...begun, operation: begun.operation, caller: begun.caller };
    const fault = this.#settings.hooks.fault?.(exchange);
    if (fault instanceof Promise) return fault.then((decided) => this.#act(operation, exchange, decided));
    return this.#act(operation, exchange, fault);
  }

  #act(operation: Operation, exchange: Exchange, fault: InjectedFault | undefined): Reply | Promise<Reply> {
    if (fault?.severed?.when === 'before') return fault.severed;
    const { accounts, subscriptions, hooks } = this.#settings;
    const now = Math.floor(this.#settings.now());
    const { caller, format, request } = exchange;
    const read: ReadInput = (shape, quick) => {
      return quick?.[format.name](request.body) ?? readInput(format, shape, request.body);
    };
    const output = operation.run(read, { accounts, subscriptions, caller, now, recordFaults: fault?.records });
    const severed = fault?.severed;
    if (severed !== undefined) leave(output);
    const reply = () => severed ?? encode(format, output);
    try {
      const safe = hooks.durable?.(exchange, output);
      return safe === undefined ? reply() : safe.then(reply, (error) => abandon(output, error));
    } catch (error) {
      return abandon(output, error);
    }
  }

  #refuse(begun: Begun, startedMs: number, error: unknown): Reply {
    const refusal = error instanceof ServiceError ? error : bug(error);
    const { format } = begun;
    const { contentType } = format;
    const answer = { status: refusal.status, contentType, body: format.writeError(refusal) };
    return this.#finish(begun, startedMs, answer, refusal);
  }

  #finish(begun: Begun, startedMs: number, reply: Reply, refusal?: ServiceError): Reply {
    const status = 'status' in reply ? reply.status : 0;
    const bodyBytes = 'body' in reply ? byteLength(reply.body) : 0;
    this.#settings.hooks.done?.(begun, {
      status,
      refusal,
      bodyBytes,
      durationMs: performance.now() - startedMs,
    });
    return reply;
  }
}

function readInput<S extends StructureShape>(format: Format, shape: S, body: Buffer): Input<S> {
  const request = format.read(shape, body);
  validate(shape, request);
  // Read by the shape and validated against it, the request is what the shape says.
  return request as Input<S>;
}

/** What would have gone on ends before it begins. */
function leave(output: Result): void {
  if (output instanceof EventStream) void output.events[Symbol.asyncIterator]().return?.();
}

function abandon(output: Result, error: unknown): never {
  leave(output);
  throw error;
}

function encode(format: Format, output: Result): WireAnswer {
  if (output instanceof EventStream)
    return { status: 200, contentType: EVENT_STREAM_TYPE, body: framesOf(output, format) };
  const { contentType } = format;
  return { status: 200, contentType, body: encodeBody(format, output) };
}

function encodeBody(format: Format, output: Exclude<Result, EventStream>): string | Buffer {
  if (output === undefined) return '';
  return output instanceof BulkOutput ? format.writeBulk(output) : format.write(output);
}

function bug(error: unknown): ServiceError {
  const refusal = new ServiceError('InternalFailure', String(error), 500);
  refusal.cause = error;
  return refusal;
}

function byteLength(body: WireAnswer['body']): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : Buffer.isBuffer(body) ? body.length : 0;
}
