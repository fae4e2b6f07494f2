const VALID = /^[A-Za-z0-9+/]*={0,2}$/;

/** What is wrong with a text that should be base64, in the service's words; undefined: nothing. */
export function base64Fault(text: string): string | undefined {
  if (text.length % 4 !== 0) {
    return `Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`;
  }
  if (VALID.test(text)) return undefined;
  const wrong = /[^A-Za-z0-9+/=]/.exec(text)?.[0] ?? '=';
  return `Invalid Base64 character: '${wrong}'`;
}
