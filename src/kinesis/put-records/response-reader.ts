import { messageOf } from '../../core/errors.js';
import { WireError } from '../errors/wire-error.js';
import type { Answer } from './response-parser.js';
import type { Results } from './results.js';
import { serviceError, unreadable } from './service-error.js';
import { WIRES, type WireName } from './wire.js';

/** What services answer to a format that they do not read. */
const NOT_UNDERSTOOD = new Set([
  'SerializationException',
  'UnknownOperationException',
  'UnsupportedMediaTypeException',
]);
const UNSUPPORTED_MEDIA_TYPE = 415;

/** Reads a response to PutRecords in one format. Errors are returned as the SDK throws them. */
export function readAnswer(answer: Answer, wire: WireName): Results | Error {
  const outcome = answer.status >= 300 ? serviceError(answer, WIRES[wire].label) : resultsIn(answer, wire);
  // All emulators read JSON, so the format is not the problem there.
  if (wire === 'json' || !(outcome instanceof Error) || !isWireRefused(answer, outcome)) return outcome;
  const { name, message } = outcome;
  const code = name === 'SyntaxError' || name === 'Unknown' ? `HTTP ${answer.status}` : name;
  const advice = `PutRecords in CBOR was not understood, pass --wire json to send JSON (${message})`;
  return new WireError(code, answer.status, advice);
}

function resultsIn({ status, body }: Answer, wire: WireName): Results | Error {
  try {
    return WIRES[wire].readResults(body);
  } catch (error) {
    return unreadable(status, body, messageOf(error));
  }
}

/** Whether the service itself says so: a gateway's error page, or a damaged response, says nothing about the format. */
function isWireRefused({ status, body }: Answer, error: Error): boolean {
  if (status === UNSUPPORTED_MEDIA_TYPE || NOT_UNDERSTOOD.has(error.name)) return true;
  if (error.name !== 'SyntaxError') return false;
  // In XML, or in JSON where it does not look at the type of the content.
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
