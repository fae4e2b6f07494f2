/** Whether the terminal interprets escape sequences. A dumb one prints them. */
export function obeysEscapes({ TERM }: NodeJS.ProcessEnv): boolean {
  return TERM !== 'dumb';
}

/**
 * Whether the locale uses UTF-8, which the dashboard needs. Without a locale (in a container, on Windows) the terminal
 * most likely supports UTF-8.
 */
export function writesUtf8({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG;
  return !locale || /utf-?8/i.test(locale);
}
