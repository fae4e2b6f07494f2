/** What is wrong with the URL of an endpoint, in words that follow the name of the option; undefined if it is valid. */
export function httpUrlProblem(text: string, example = 'http://localhost:4566'): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return `takes a URL such as ${example}, not '${text}'`;
  }
  // Reports show the URL, and must not show a password.
  return url.username === '' && url.password === '' ? undefined : 'takes a URL without a user and password';
}
