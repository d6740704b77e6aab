%% Prints the terms of each file of a folder as a line of JSON. Arguments: folder, number of files.

main([Folder, Count]) ->
    lists:foreach(
        fun(Number) ->
            Line = case file:consult(filename:join(Folder, integer_to_list(Number))) of
                {ok, Terms} -> json(Terms);
                {error, Reason} -> ["{\"error\": ", json(file:format_error(Reason)), "}"]
            end,
            io:format("~s~n", [Line])
        end,
        lists:seq(0, list_to_integer(Count) - 1)
    ).

json(Atom) when is_atom(Atom) -> io_lib:format("{\"atom\": \"~s\"}", [Atom]);
json(Number) when is_integer(Number) -> integer_to_list(Number);
json(Tuple) when is_tuple(Tuple) -> ["{\"tuple\": ", items(tuple_to_list(Tuple)), "}"];
json(List) ->
    case lists:flatten(List) of
        [_ | _] = Flat -> case lists:all(fun(Item) -> is_integer(Item) end, Flat) of
            true -> [$", [unit(Unit) || <<Unit:16>> <= unicode:characters_to_binary(Flat, unicode, utf16)], $"];
            false -> items(List)
        end;
        [] -> "[]"
    end.

items(List) -> ["[", lists:join(",", [json(Item) || Item <- List]), "]"].

unit(Unit) -> io_lib:format("\\u~4.16.0b", [Unit]).
