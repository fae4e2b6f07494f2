import type { Completed, CompletedCommand } from './model.js';

/** The script for bash, from version 3.2. Without a reply, readline completes file names. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  return `# Completion of kload for bash. In ~/.bashrc: source <(kload completion bash)
_kload() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} words=
  # In '--flag=value', '=' is a word of its own.
  if [[ $word == '=' ]]; then
    word=
  elif [[ $before == '=' ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    words='${commands.map(({ name }) => name).join(' ')} --help --version'
  else
    case \${COMP_WORDS[1]} in
${commands.map(commandCase).join('\n')}
    *) return ;;
    esac
  fi
  if [[ -z $words ]]; then
    # Nothing is known about the value: do not offer files.
    compopt +o default +o bashdefault 2>/dev/null
    return
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o bashdefault -o default -F _kload kload
`;
}

function commandCase({ name, options, argument }: CompletedCommand): string {
  const values = new Map<string, string[]>();
  for (const { flag, value } of options) {
    if (value === 'nothing') continue;
    const then = repliesTo(value);
    values.set(then, [...(values.get(then) ?? []), flag]);
  }
  const cases = [...values].map(([then, flags]) => `      ${flags.join(' | ')}) ${then} ;;`);
  return `    ${name})
      case $before in
${cases.join('\n')}
      *)
        if [[ $word == -* ]]; then
          words='${options.map(({ flag }) => flag).join(' ')}'
        else
          ${repliesTo(argument)}
        fi
        ;;
      esac
      ;;`;
}

/** A command that ends with the replies in 'words', or returns so that readline completes files. */
function repliesTo(value: Completed): string {
  if (value === 'files') return 'return';
  return typeof value === 'string' ? ':' : `words='${value.join(' ')}'`;
}
