import { messageOf } from '../../core/errors.js';
import { WireError } from '../errors/failures.js';
import type { HttpResponse } from './response-parser.js';
import type { Results } from './results.js';
import { serviceError, unreadable } from './service-error.js';
import { WIRES, type WireName } from './wire.js';

/** The error codes of services that do not understand the format of a request. */
const NOT_UNDERSTOOD = new Set([
  'SerializationException',
  'UnknownOperationException',
  'UnsupportedMediaTypeException',
]);
const UNSUPPORTED_MEDIA_TYPE = 415;

/** Reads a response to PutRecords in one format. Returns errors in the form in which the SDK throws them. */
export function readResponse(response: HttpResponse, wire: WireName): Results | Error {
  const { status } = response;
  const outcome = status >= 300 ? serviceError(response, WIRES[wire].label) : resultsIn(response, wire);
  // All emulators understand JSON, so the format can't be the problem there.
  if (wire === 'json' || !(outcome instanceof Error) || !isWireRefused(response, outcome)) return outcome;
  const { name, message } = outcome;
  const code = name === 'SyntaxError' || name === 'Unknown' ? `HTTP ${status}` : name;
  const advice = `the service does not understand PutRecords in CBOR, pass --wire json to send JSON (${message})`;
  return new WireError(code, status, advice);
}

function resultsIn({ status, body }: HttpResponse, wire: WireName): Results | Error {
  try {
    return WIRES[wire].readResults(body);
  } catch (error) {
    return unreadable(status, body, messageOf(error));
  }
}

/** Whether the service itself refused the format. A gateway's error page or a damaged response does not prove that. */
function isWireRefused({ status, body }: HttpResponse, error: Error): boolean {
  if (status === UNSUPPORTED_MEDIA_TYPE || NOT_UNDERSTOOD.has(error.name)) return true;
  if (error.name !== 'SyntaxError') return false;
  // Some services refuse in XML. Others ignore the content type and respond in JSON.
  return body.includes('UnknownOperationException') || (status < 300 && isJsonResults(body));
}

function isJsonResults(body: Buffer): boolean {
  try {
    WIRES.json.readResults(body);
    return true;
  } catch {
    return false;
  }
}
