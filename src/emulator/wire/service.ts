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
import type { Exchange, Reply, WireRequest, WireResponse } from './exchange.js';
import type { Hooks, InjectedFault } from './hooks.js';

export interface ServiceSettings {
  readonly accounts: Accounts;
  readonly subscriptions: Subscriptions;
  /** The account and region of requests whose credentials name none. */
  readonly caller: Caller;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly hooks: Hooks;
  /** The credentials whose signatures are accepted; undefined: any signature is. */
  readonly signer: Signer | undefined;
}

/** A request, with its operation and caller once they are known. */
type PartialExchange = Pick<Exchange, 'request' | 'format'> & {
  -readonly [Name in 'operation' | 'caller']?: Exchange[Name];
};

/**
 * The service, independent of the transport. The steps for a request, with hooks in brackets:
 * operation -> credentials -> [fault] -> read and validate -> act -> [durable] -> encode -> [done].
 * No step is asynchronous unless a hook is.
 */
export class Service {
  readonly #settings: ServiceSettings;

  constructor(settings: ServiceSettings) {
    this.#settings = settings;
  }

  /** Handles a request. Errors become responses: never throws or rejects. */
  handle(request: WireRequest): Reply | Promise<Reply> {
    const startedMs = performance.now();
    const exchange: PartialExchange = { request, format: errorFormatOf(request) };
    try {
      const reply = this.#perform(exchange);
      if (!(reply instanceof Promise)) return this.#finish(exchange, startedMs, reply);
      return reply.then(
        (delayed) => this.#finish(exchange, startedMs, delayed),
        (error) => this.#refuse(exchange, startedMs, error),
      );
    } catch (error) {
      return this.#refuse(exchange, startedMs, error);
    }
  }

  /** Refuses a request before it is handled: its body was refused, or its sender is not allowed. */
  refuse(request: WireRequest, error: ServiceError): Reply {
    const operation = namedOperation(request);
    const format = formatOf(request.headers['content-type'] ?? '') ?? JSON_FORMAT;
    const exchange: PartialExchange = { request, format, ...(operation !== undefined && { operation }) };
    return this.#refuse(exchange, performance.now(), error);
  }

  #perform(partial: PartialExchange): Reply | Promise<Reply> {
    const { request, format } = partial;
    const { signer, caller, now } = this.#settings;
    const admission = admit(request);
    if (!('operation' in admission)) return admission;
    const { name, operation } = admission;
    const credentials = credentialsOf(request, format);
    if (signer !== undefined) verifySignature(request, credentials, signer, Math.floor(now()));
    partial.operation = name;
    partial.caller = callerOf(credentials.credential, caller);
    const exchange: Exchange = { ...partial, operation: partial.operation, caller: partial.caller };
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
    const faults = { recordFaults: fault?.records, storedFaults: fault?.stored };
    const output = operation.run(read, { accounts, subscriptions, caller, now, ...faults });
    const severed = fault?.severed;
    if (severed !== undefined) endEvents(output);
    const reply = () => severed ?? encode(format, output);
    try {
      const saved = hooks.durable?.(exchange, output);
      return saved === undefined ? reply() : saved.then(reply, (error) => abandon(output, error));
    } catch (error) {
      return abandon(output, error);
    }
  }

  #refuse(exchange: PartialExchange, startedMs: number, error: unknown): Reply {
    const refusal = error instanceof ServiceError ? error : bug(error);
    const { format } = exchange;
    const { contentType } = format;
    const response = { status: refusal.status, contentType, body: format.writeError(refusal) };
    return this.#finish(exchange, startedMs, response, refusal);
  }

  #finish(exchange: PartialExchange, startedMs: number, reply: Reply, refusal?: ServiceError): Reply {
    const status = 'status' in reply ? reply.status : 0;
    this.#settings.hooks.done?.(exchange, { status, refusal, durationMs: performance.now() - startedMs });
    return reply;
  }
}

function readInput<S extends StructureShape>(format: Format, shape: S, body: Buffer): Input<S> {
  const request = format.read(shape, body);
  validate(shape, request);
  // A request that was read by the shape and validated has the shape's type.
  return request as Input<S>;
}

/** Ends the events of a response that is not sent. */
function endEvents(output: Result): void {
  if (output instanceof EventStream) void output.events[Symbol.asyncIterator]().return?.();
}

function abandon(output: Result, error: unknown): never {
  endEvents(output);
  throw error;
}

function encode(format: Format, output: Result): WireResponse {
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
