import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTerminalText, terminalText } from '../../src/system/terminal-text.js';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'\u001b[]\u009b\u202ea\n\t\u{1f600}"\\') }),
);

test('any text becomes printable in one line, and JSON keeps its meaning', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const shown = terminalText(text);
      expect(shown).not.toMatch(/[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
      expect(isTerminalText(shown)).toBe(true);
      expect(terminalText(shown)).toBe(shown);
      expect(JSON.parse(terminalText(JSON.stringify(text)))).toBe(text);
      if (isTerminalText(text)) expect(shown).toBe(text);
    }),
  );
});

test.each([
  ['/data/täglich/注文 😀.csv', '/data/täglich/注文 😀.csv'],
  ['C:\\new\\table.csv', 'C:\\new\\table.csv'],
  ['a\nb\tc\r', 'a\\nb\\tc\\r'],
  ['\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['\u009b2J', '\\u009b2J'],
  ['invoice\u202efdc.exe', 'invoice\\u202efdc.exe'],
  ['\ud800', '\\ud800'],
])('shows %j as %j', (text, shown) => {
  expect(terminalText(text)).toBe(shown);
});
