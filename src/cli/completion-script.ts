export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** What a shell reads to complete `program`. Nothing that the user typed is ever evaluated: words go on as words. */
export function completionScript(shell: Shell, program: string): string {
  return scripts[shell].replaceAll('PROGRAM', program)
}

/**
 * COMP_WORDS is cut at '@', ':' and '=' too, so the words are taken from the line. What bash replaces is only the part after the last
 * cut, its $2, so the rest of the word is taken off the answers.
 */
const bash = `# bash completion for PROGRAM; for example: source <(PROGRAM completion bash)
_PROGRAM_complete() {
  local line="\${COMP_LINE:0:COMP_POINT}" words word value rest
  read -ra words <<<"$line"
  case "$line" in *[[:blank:]]) words+=("") ;; esac
  word="\${words[\${#words[@]}-1]}"
  COMPREPLY=()
  while IFS=$'\\t' read -r value rest; do
    COMPREPLY+=("\${value#"\${word%"$2"}"}")
  done < <(PROGRAM complete -- "\${words[@]:1}" 2>/dev/null)
  case "\${COMPREPLY[0]}" in */ | *=) compopt -o nospace 2>/dev/null ;; esac
}
complete -F _PROGRAM_complete PROGRAM
`

const zsh = `#compdef PROGRAM
# zsh completion for PROGRAM; for example: source <(PROGRAM completion zsh)
_PROGRAM() {
  local -a answers lines
  local line
  lines=("\${(@f)$(PROGRAM complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $lines; do
    answers+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe PROGRAM answers
}
if [[ "\${funcstack[1]}" == _PROGRAM ]]; then _PROGRAM "$@"; else compdef _PROGRAM PROGRAM; fi
`

const fish = `# fish completion for PROGRAM; for example: PROGRAM completion fish | source
complete -c PROGRAM -f -a '(PROGRAM complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish }
