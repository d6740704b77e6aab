# Completion of certctl's commands, options, names and files for Elvish.
set edit:completion:arg-completer[certctl] = {|@words|
    certctl completions elvish -- $@words 2>/dev/null | from-lines
}
