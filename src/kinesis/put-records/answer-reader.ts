import { WireError } from '../wire-error.js';
import type { Answer } from './answer-parser.js';
import type { Results } from './results.js';
import { isCbor, serviceError, unreadable } from './service-error.js';
import { WIRES, type WireName } from './wire.js';

/** What services answer to a format that they do not read. */
const NOT_UNDERSTOOD = new Set([
  'SerializationException',
  'UnknownOperationException',
  'UnsupportedMediaTypeException',
]);
const UNSUPPORTED_MEDIA_TYPE = 415;
/** What somebody before the service answers when it has no answer from there. */
const GATEWAY_STATUSES = new Set([502, 503, 504]);

/** Reads answers to PutRecords in one format, and notices who does not speak it. */
export class AnswerReader {
  readonly #wire: WireName;
  #isSpoken = false;

  constructor(wire: WireName) {
    this.#wire = wire;
  }

  /** Errors are returned as the SDK throws them. */
  read(answer: Answer): Results | Error {
    const outcome = answer.status >= 300 ? serviceError(answer, WIRES[this.#wire].label) : this.#results(answer);
    // All emulators speak JSON: there it is no question of the format.
    if (this.#wire === 'json') return outcome;
    if (outcome instanceof Error && this.#isRefused(answer, outcome)) return wireError(answer, outcome);
    if (isCbor(answer.body) && !(outcome instanceof SyntaxError)) this.#isSpoken = true;
    return outcome;
  }

  #results({ status, body }: Answer): Results | Error {
    const { readResults, label } = WIRES[this.#wire];
    try {
      return readResults(body);
    } catch {
      return unreadable(status, body, label);
    }
  }

  #isRefused({ status, body }: Answer, error: Error): boolean {
    if (status === UNSUPPORTED_MEDIA_TYPE || NOT_UNDERSTOOD.has(error.name)) return true;
    if (!(error instanceof SyntaxError)) return false;
    // The service itself says this in XML.
    if (body.includes('UnknownOperationException')) return true;
    // Once CBOR was answered, what is none came from somebody else, and passes.
    return !this.#isSpoken && !GATEWAY_STATUSES.has(status);
  }
}

function wireError({ status }: Answer, { name, message }: Error): WireError {
  const code = name === 'SyntaxError' || name === 'Unknown' ? `HTTP ${status}` : name;
  return new WireError(code, `PutRecords in CBOR was not understood, pass --wire json to send JSON (${message})`);
}
