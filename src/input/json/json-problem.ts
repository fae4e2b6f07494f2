import { messageOf } from '../../core/errors.js';

/** Why JSON.parse refused a text, without the text: `invalid JSON: unexpected token 'x'`. */
export function jsonProblem(error: unknown): string {
  const reason = messageOf(error)
    .replace(/, (\.\.\.)?".*$/s, '')
    .replace(/ \(line .*$/, '')
    .replace(/ (in|of) JSON( input)?/, '');
  return `invalid JSON: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;
}
