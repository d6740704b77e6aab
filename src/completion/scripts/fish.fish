# Completion of certctl's commands, options, names and files for fish.
function __certctl_candidates
    set --local words (commandline --current-process --tokenize --cut-at-cursor)
    set --local word (commandline --current-token --cut-at-cursor)
    certctl completions fish -- $words "$word" 2>/dev/null
end
complete --command certctl --no-files --keep-order --arguments '(__certctl_candidates)'
