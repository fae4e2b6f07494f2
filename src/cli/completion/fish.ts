import type { Completed, CompletedCommand } from './model.js';

/** The script for fish, from version 3. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  return [
    '# Completion of kload for fish. In ~/.config/fish/config.fish: kload completion fish | source',
    'complete -c kload -f',
    ...commands.map(({ name, about }) => `complete -c kload -n __fish_use_subcommand -a ${name} -d ${quoted(about)}`),
    ...commands.flatMap(commandLines),
    '',
  ].join('\n');
}

function commandLines({ name, options, argument }: CompletedCommand): string[] {
  const start = `complete -c kload -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
  const lines = options.map(({ flag, about, value, optional }) => {
    const follows = value === 'nothing' ? '' : ` ${parameter(value, optional)}`;
    return `${start} -l ${flag.slice('--'.length)}${follows} -d ${quoted(about)}`;
  });
  if (argument === 'files') lines.push(`${start} -F`);
  else if (typeof argument !== 'string') lines.push(`${start} -a ${quoted(argument.join(' '))}`);
  return lines;
}

function parameter(value: Completed, optional: boolean): string {
  if (optional) return '-f';
  if (value === 'files') return '-r -F';
  return typeof value === 'string' ? '-x' : `-x -a ${quoted(value.join(' '))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
