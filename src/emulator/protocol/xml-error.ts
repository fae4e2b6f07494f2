/** The body of the response to a request in neither format. */
export function writeXmlError(type: string, message?: string): string {
  if (message === undefined) return `<${type}/>\n`;
  return `<${type}>\n  <Message>${message}</Message>\n</${type}>\n`;
}
