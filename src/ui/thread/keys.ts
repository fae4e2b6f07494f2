import type { Chosen, Command } from '../messages.js';

/** What a key does. */
export interface Pressed {
  readonly chosen: Chosen;
  readonly commands: readonly Command[];
  /** Draw the whole screen again. */
  readonly redraw: boolean;
}

const RATE_STEP = 1.1;
/** Text with more different characters was pasted: it must not pause or stop a run. */
const KEYS_TOGETHER_MAX = 2;
const CTRL_C = '\u0003';
const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['q', ['stop']],
  // As one of several characters: on its own, it comes as 'c' with Ctrl.
  [CTRL_C, ['stop']],
  ['p', ['togglePause']],
  ['+', ['scaleRate', RATE_STEP]],
  ['=', ['scaleRate', RATE_STEP]],
  ['-', ['scaleRate', 1 / RATE_STEP]],
]);

/**
 * @param input a character; several of them when a key is held down or text is pasted
 * @param helpPages how many pages the help has
 */
export function pressed(input: string, isCtrl: boolean, chosen: Chosen, helpPages: number): Pressed {
  if (isCtrl) return { chosen, commands: input === 'c' ? [['stop']] : [], redraw: input === 'l' };
  const { helpPage } = chosen;
  if (helpPage !== undefined && !input.includes(CTRL_C)) {
    const next = helpPage + 1 < helpPages ? helpPage + 1 : undefined;
    return { chosen: { ...chosen, helpPage: next }, commands: [], redraw: false };
  }
  if (new Set(input).size > KEYS_TOGETHER_MAX && !input.includes(CTRL_C))
    return { chosen, commands: [], redraw: false };
  let now = chosen;
  const commands: Command[] = [];
  for (const key of input) {
    const command = COMMANDS.get(key);
    if (command !== undefined) commands.push(command);
    else if (key === '?') now = { ...now, helpPage: 0 };
    else if (key === 'w') now = { ...now, span: now.span === 'run' ? 'recent' : 'run' };
  }
  return { chosen: now, commands, redraw: false };
}
