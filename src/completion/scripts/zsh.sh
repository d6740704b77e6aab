#compdef certctl
# Completion of certctl's commands, options, names and files for zsh.
_certctl() {
    local line value
    local -a whole whole_shown begun begun_shown
    for line in "${(@f)$(certctl completions zsh -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        value=${line%%$'\t'*}
        [[ -n $value ]] || continue
        [[ $line == *$'\t'* ]] && line="$value  -- ${line#*$'\t'}"
        if [[ $value == *[=/] ]]; then
            begun+=("$value") begun_shown+=("$line")
        else
            whole+=("$value") whole_shown+=("$line")
        fi
    done
    if (( ! $#whole && ! $#begun )); then
        _files
        return
    fi
    (( $#whole )) && compadd -l -V certctl -d whole_shown -a whole
    (( $#begun )) && compadd -l -V certctl -d begun_shown -S '' -a begun
    return 0
}
if [[ $funcstack[1] == _certctl ]]; then
    _certctl "$@"
else
    compdef _certctl certctl
fi
