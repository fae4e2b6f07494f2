import { bright, dim, type Line, plain } from '../text.js';

const KEYS = [
  ['q, Ctrl-C', 'stop reading and send what is held; again: stop at once'],
  ['p', 'pause, go on'],
  ['+ -', 'ten percent faster, slower (constant rate only)'],
  ['Ctrl-L', 'draw the screen anew'],
] as const;

const WORDS = [
  ['handed', 'given to a socket for the first time'],
  ['sent', 'acknowledged by the target'],
  ['intended', 'latency from when the schedule wanted it sent'],
  ['service', 'latency from when the request was sent'],
  ['lag', 'from the intended moment to the socket'],
  ['!', 'throttled: in that second, or that shard now'],
  ['unsent', 'read and not yet acknowledged'],
  ['slowed', 'shards a worker holds back from'],
] as const;

const TERM_COLUMNS = 12;

function entry([term, meaning]: readonly [string, string]): Line {
  return [plain('  '), bright(term.padEnd(TERM_COLUMNS)), plain(meaning)];
}

export function helpLines(): Line[] {
  return [[bright('keys')], ...KEYS.map(entry), [bright('words')], ...WORDS.map(entry), [dim('any key closes this')]];
}
