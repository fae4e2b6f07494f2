const VALID = /^[A-Za-z0-9+/]*={0,2}$/;

/** What is wrong with a text that should be base64, in the service's words; undefined: nothing. */
export function base64Fault(text: string): string | undefined {
  if (text.length % 4 !== 0) {
    return `Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`;
  }
  if (VALID.test(text)) return hasStrayBits(text) ? 'Invalid last non-pad Base64 character dectected' : undefined;
  const wrong = /[^A-Za-z0-9+/=]/.exec(text)?.[0] ?? '=';
  return `Invalid Base64 character: '${wrong}'`;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Whether the last character before the padding holds bits that belong to no byte. */
function hasStrayBits(text: string): boolean {
  if (!text.endsWith('=')) return false;
  const unused = text.endsWith('==') ? 0b1111 : 0b11;
  const last = text.charAt(text.length - (unused === 0b11 ? 2 : 3));
  return (ALPHABET.indexOf(last) & unused) !== 0;
}
