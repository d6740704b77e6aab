#!/usr/bin/env escript
%% One TLS connection of Erlang: ROLE PORT KEY=VALUE..., as tests/explain/stacks.rs says; prints what goes wrong.
-mode(compile).

main([Role, Port | Rest]) ->
    {ok, _} = application:ensure_all_started(ssl),
    Given = maps:from_list([list_to_tuple(string:split(Word, "=")) || Word <- Rest]),
    Value = fun(Key, Option) -> [{Option, It} || {ok, It} <- [maps:find(Key, Given)]] end,
    Versions = case maps:get("version", Given, any) of
        "1.2" -> [{versions, ['tlsv1.2']}];
        "1.3" -> [{versions, ['tlsv1.3']}];
        any when is_map_key("cipher", Given) -> [{versions, ['tlsv1.2']}];
        any -> []
    end,
    Ciphers = [{ciphers, [ssl:str_to_suite(It)]} || {ok, It} <- [maps:find("cipher", Given)]],
    Options = Value("cert", certfile) ++ Value("key", keyfile) ++ Value("ca", cacertfile) ++ Versions ++ Ciphers
        ++ [{active, false}, {log_level, notice}],
    Result = try connect(Role, list_to_integer(Port), Given, Options) catch _:Error -> {error, Error} end,
    case Result of
        ok -> ok;
        {error, Reason} -> io:format("~p~n~ts~n", [Reason, ssl:format_error(Reason)])
    end,
    timer:sleep(100).

connect("client", Port, Given, Options) ->
    Name = maps:get("name", Given, "localhost"),
    More = [{verify, verify_peer}, {server_name_indication, Name}],
    case ssl:connect({127, 0, 0, 1}, Port, More ++ Options, 10000) of
        {ok, Socket} ->
            ssl:send(Socket, "hello\n"),
            ended(ssl:recv(Socket, 0, 5000));
        Error -> Error
    end;
connect("server", Port, Given, Options) ->
    More = case maps:get("clients", Given, "none") of
        "require" -> [{verify, verify_peer}, {fail_if_no_peer_cert, true}];
        "none" -> []
    end,
    case ssl:listen(Port, [{ip, {127, 0, 0, 1}}, {reuseaddr, true}] ++ More ++ Options) of
        {ok, Listener} ->
            {ok, Transport} = ssl:transport_accept(Listener),
            case ssl:handshake(Transport, 10000) of
                {ok, Socket} ->
                    Heard = ended(ssl:recv(Socket, 0, 5000)),
                    ssl:send(Socket, "hello\n"),
                    ssl:close(Socket),
                    Heard;
                Error -> Error
            end;
        Error -> Error
    end.

ended({ok, _}) -> ok;
ended(Error) -> Error.
