# Completion of certctl's commands, options, names and files for bash.
_certctl() {
    local word=$2 candidate
    # Right behind such a sign bash sees no word yet.
    case ${COMP_WORDS[COMP_CWORD]} in
        = | :) word=${COMP_WORDS[COMP_CWORD]} ;;
    esac
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("$candidate")
    done < <(certctl completions bash -- "${COMP_WORDS[@]:0:COMP_CWORD}" "$word" 2>/dev/null)
    case ${COMPREPLY[0]-} in
        *[=/]) compopt -o nospace ;;
    esac
}
complete -o bashdefault -o default -o nosort -F _certctl certctl 2>/dev/null ||
    complete -o bashdefault -o default -F _certctl certctl
