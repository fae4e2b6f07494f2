/** Parts of a string. Of the control characters, only those from U+007F on may be in one. */
const STRING = String.raw`"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"`;
const NUMBER = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?`;
const TOKEN = new RegExp(`[ \\t\\r\\n]*(?:(${STRING})|(${NUMBER}|true|false|null)|([[\\]{}:,]))`, 'uy');

/** What may come next: a value, the name of a member, and so on. */
type Expected = 'value' | 'value-or-end' | 'name' | 'name-or-end' | 'colon' | 'comma-or-end' | 'nothing';

/** Where text stops being JSON: V8 does not always say. Its end if only the end is missing. */
export function jsonErrorAt(text: string): number {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  for (;;) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    const begin = /[^ \t\r\n]/.exec(text.slice(at));
    const tokenAt = begin === null ? text.length : at + begin.index;
    if (found === null) return tokenAt;
    const next = after(expected, found[1] === undefined ? (found[3] ?? 'atom') : 'string', open);
    if (next === undefined) return tokenAt;
    expected = next;
    at = TOKEN.lastIndex;
  }
}

/** What may come after a token; undefined if it may not come here. */
function after(expected: Expected, token: string, open: ('{' | '[')[]): Expected | undefined {
  const isValue = expected === 'value' || expected === 'value-or-end';
  const isName = expected === 'name' || expected === 'name-or-end';
  const mayEnd = expected === 'comma-or-end' || expected === 'value-or-end' || expected === 'name-or-end';
  if (token === '{' || token === '[') {
    if (!isValue) return undefined;
    open.push(token);
    return token === '{' ? 'name-or-end' : 'value-or-end';
  }
  if (token === '}' || token === ']') {
    if (!mayEnd || open.pop() !== (token === '}' ? '{' : '[')) return undefined;
    return open.length === 0 ? 'nothing' : 'comma-or-end';
  }
  if (token === ':') return expected === 'colon' ? 'value' : undefined;
  if (token === ',') {
    if (expected !== 'comma-or-end') return undefined;
    return open.at(-1) === '{' ? 'name' : 'value';
  }
  if (isName) return token === 'string' ? 'colon' : undefined;
  if (!isValue) return undefined;
  return open.length === 0 ? 'nothing' : 'comma-or-end';
}
