const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** What XML 1.0 and HTML cannot hold in any form: controls and halves of surrogate pairs. */
const NOT_TEXT = /[^\t\n\r\u{20}-\u{7e}\u{a0}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** Text as content or as an attribute of HTML or XML. */
export function escaped(text: string): string {
  return text.replaceAll(NOT_TEXT, '\u{fffd}').replaceAll(/[&<>"']/g, (char) => ENTITIES[char]!);
}
