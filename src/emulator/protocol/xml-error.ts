/** The bodies of answers to what is no request in any of the formats. */
export function writeXmlError(type: string, message?: string): string {
  if (message === undefined) return `<${type}/>\n`;
  return `<${type}>\n  <Message>${message}</Message>\n</${type}>\n`;
}
