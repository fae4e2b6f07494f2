import type { CompletedCommand, CompletedOption } from './model.js';

/** The script for zsh: to be sourced after compinit, or a file _kload in $fpath. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const described = commands.map(({ name, about }) => quoted(`${name}:${about}`));
  return `#compdef kload
# Completion of kload for zsh. In ~/.zshrc, after compinit: source <(kload completion zsh)
_kload() {
  if (( CURRENT == 2 )); then
    local -a commands=(
      ${described.join('\n      ')}
    )
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(commandCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _kload ]]; then
  _kload "$@"
else
  compdef _kload kload
fi
`;
}

function commandCase({ name, options, argument }: CompletedCommand): string {
  const rest = argument === 'nothing' ? [] : [quoted(`*:argument:${action(argument)}`)];
  const specs = [...options.map(optionSpec), ...rest];
  return `  ${name})
    _arguments \\
      ${specs.join(' \\\n      ')}
    ;;`;
}

function optionSpec({ flag, about, repeatable, value, optional, valueName }: CompletedOption): string {
  const help = about.replaceAll(/[\\[\]]/g, '\\$&');
  const start = repeatable ? `*${flag}` : flag;
  if (value === 'nothing') return quoted(`${start}[${help}]`);
  return quoted(`${start}=[${help}]${optional ? '::' : ':'}${valueName}:${action(value)}`);
}

function action(value: CompletedOption['value']): string {
  if (value === 'files') return '_files';
  return typeof value === 'string' ? ' ' : `(${value.join(' ')})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
