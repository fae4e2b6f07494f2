import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PTY = fileURLToPath(new URL('./on-pty.py', import.meta.url));

export interface PtyEnd {
  readonly code: number | null;
  readonly signal: number | null;
  /** Whether the terminal edits lines and echoes what is typed, as it does unless a program changed that. */
  readonly editsLines: boolean;
  readonly echoes: boolean;
  readonly output: string;
}

/** Runs a command on a pseudo-terminal. */
export function onPty(command: readonly string[], columns: number, rows: number, env: NodeJS.ProcessEnv = {}) {
  const child = spawn('python3', [PTY, String(columns), String(rows), ...command], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: '/nonexistent', TERM: 'xterm-256color', ...env },
  });
  const [stdin, stdout, , sizes, reports] = child.stdio as [
    NodeJS.WritableStream,
    NodeJS.ReadableStream,
    null,
    NodeJS.WritableStream,
    NodeJS.ReadableStream,
  ];
  for (const stream of [stdin, sizes]) stream.on('error', () => {});
  const changes = new EventEmitter();
  let output = '';
  let reported = '';
  stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    changes.emit('output', text);
  });
  reports.setEncoding('utf8').on('data', (text: string) => {
    reported += text;
    changes.emit('reported');
  });
  const pid = async (): Promise<number> => {
    while (!reported.includes('\n')) await once(changes, 'reported');
    return (JSON.parse(reported.split('\n')[0]!) as { pid: number }).pid;
  };
  const ended = once(child, 'close').then(() => {
    const end = reported.split('\n')[1];
    if (!end) throw new Error(`the pseudo-terminal failed:\n${output}`);
    return { ...(JSON.parse(end) as object), output } as PtyEnd;
  });
  return {
    ended,
    /** Resolves when the terminal gets more. */
    more: () => once(changes, 'output'),
    /** Calls the listener with what the terminal gets from now on. */
    onOutput: (listener: (text: string) => void) => void changes.on('output', listener),
    press: (keys: string) => void stdin.write(keys),
    resize: (columns: number, rows: number) => void sizes.write(`${columns} ${rows}\n`),
    async kill(signal: NodeJS.Signals) {
      process.kill(await pid(), signal);
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        process.kill(await pid(), 'SIGKILL');
      }
      await ended;
    },
  };
}
