/** What an endpoint has to be, in words that follow the setting's name; undefined: it is that. */
export function httpUrlProblem(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return `takes a URL such as http://localhost:4566, not '${text}'`;
  }
  // The value is written to reports.
  return url.username === '' && url.password === '' ? undefined : 'takes a URL without a user and password';
}
