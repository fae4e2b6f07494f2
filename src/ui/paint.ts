import { fitLine, type Line, type Size, type Style } from './text.js';

/** The sixteen colours of the terminal's own theme, which are readable on dark and light backgrounds. */
const SGR: Record<Style, string> = {
  plain: '',
  dim: '\x1b[2m',
  bright: '\x1b[1m',
  title: '\x1b[1;36m',
  good: '\x1b[32m',
  bar: '\x1b[36m',
  throttle: '\x1b[33m',
  failure: '\x1b[1;31m',
};

const RESET = '\x1b[0m';

/** https://no-color.org: a NO_COLOR that is not empty turns colours off. */
export function colourWanted(env: NodeJS.ProcessEnv): boolean {
  return !env.NO_COLOR;
}

/** One string per row of the screen, each as wide as the screen. */
export function paintLines(lines: readonly Line[], size: Size, colour: boolean): string[] {
  return Array.from({ length: size.rows }, (_, row) => {
    let painted = '';
    for (const { text, style } of fitLine(lines[row] ?? [], size.columns)) {
      painted += colour && style !== 'plain' ? SGR[style] + text + RESET : text;
    }
    return painted;
  });
}
