/** Whether a terminal obeys escape sequences: one that is called dumb prints them. */
export function obeysEscapes({ TERM }: NodeJS.ProcessEnv): boolean {
  return TERM !== 'dumb';
}

/**
 * Whether the locale's characters are written in UTF-8, which the dashboard draws with. Without any locale (a
 * container, Windows) the terminal most likely reads UTF-8.
 */
export function writesUtf8({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG;
  return !locale || /utf-?8/i.test(locale);
}
